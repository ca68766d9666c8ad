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

    private readonly PasswordHasher<string> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    private readonly Lazy<string> nobody;
    private readonly Turns turns = new();

    public UserPasswords() => nobody = new(() => hasher.HashPassword("", Guid.NewGuid().ToString()));

    /// <summary>Waits for a turn, which ends when it is disposed of; null when too many wait. What must not be done in vain is done in it.</summary>
    public async Task<Turn?> TakeTurnAsync(CancellationToken cancellationToken) => await turns.TryTakeAsync(cancellationToken) ? new Turn(this) : null;

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    /// <summary>Somebody's turn. What is begun in it is not broken off.</summary>
    internal sealed class Turn(UserPasswords passwords) : IDisposable
    {
        /// <summary>What to store of a password.</summary>
        public Task<string> HashAsync(string password) => Task.Run(() => passwords.hasher.HashPassword("", password), CancellationToken.None);

        /// <summary>True when the password is the user's; without a user it takes as long and is false.</summary>
        public async Task<bool> VerifyAsync(User? user, string password) =>
            await Task.Run(() => passwords.hasher.VerifyHashedPassword("", user?.PasswordHash ?? passwords.nobody.Value, password), CancellationToken.None) is not PasswordVerificationResult.Failed
            && user is not null;

        /// <inheritdoc/>
        public void Dispose() => passwords.turns.Return();
    }
}
