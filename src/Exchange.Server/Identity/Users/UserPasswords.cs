using Exchange.Catalog;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Exchange.Server.Identity.Users;

/// <summary>
/// Users' passwords: hashed by ASP.NET Core's hasher (PBKDF2 with HMAC-SHA-512), which takes long; so one at a time, and few who wait. Nobody's password
/// takes as long to check as a user's.
/// </summary>
internal sealed class UserPasswords : IDisposable
{
    private const int Iterations = 210_000;
    private const int MostAtOnce = 1;
    private const int MostWaiting = 50;

    private readonly PasswordHasher<string> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    private readonly Lazy<string> nobody;
    private readonly SemaphoreSlim turns = new(MostAtOnce);
    private int waiting;

    public UserPasswords() => nobody = new(() => hasher.HashPassword("", Guid.NewGuid().ToString()));

    /// <summary>What to store of a password; null when too many wait.</summary>
    public Task<string?> HashAsync(string password, CancellationToken cancellationToken) =>
        TakeTurnAsync<string>(() => hasher.HashPassword("", password), cancellationToken);

    /// <summary>True when the password is the user's; without a user it takes as long and is false. Null when too many wait.</summary>
    public async Task<bool?> VerifyAsync(User? user, string password, CancellationToken cancellationToken)
    {
        var result = await TakeTurnAsync<object>(() => hasher.VerifyHashedPassword("", user?.PasswordHash ?? nobody.Value, password), cancellationToken);
        return result is null ? null : user is not null && result is not PasswordVerificationResult.Failed;
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    private async Task<T?> TakeTurnAsync<T>(Func<T> work, CancellationToken cancellationToken)
        where T : class
    {
        if (Interlocked.Increment(ref waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref waiting);
            return null;
        }

        try
        {
            await turns.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }

        try
        {
            return await Task.Run(work, cancellationToken);
        }
        finally
        {
            turns.Release();
        }
    }
}
