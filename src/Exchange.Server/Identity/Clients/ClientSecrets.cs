using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Exchange.Server.Identity;

/// <summary>
/// Client secrets: made by the hub, shown once, kept as a PBKDF2 hash <c>pbkdf2-sha256$iterations$salt$hash</c>. A secret that proved right is
/// remembered as a hash under a key of this process, so that a client that comes back costs nothing. A slow check takes a turn: one at a time, and few who wait.
/// </summary>
public sealed class ClientSecrets : IDisposable
{
    private const string Algorithm = "pbkdf2-sha256";
    private const int Iterations = 210_000;
    private const int HashBytes = 32;
    private const int LongestSecret = 256;
    private const int MostRemembered = 1000;

    private static readonly string Nobody = Hash("", new byte[16]);

    private readonly byte[] processKey = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, string> remembered = new();
    private readonly Turns turns = new();

    /// <summary>A new secret of 256 random bits, and what to store of it.</summary>
    public static (string Secret, string Hash) Create()
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return (secret, Hash(secret, RandomNumberGenerator.GetBytes(16)));
    }

    /// <summary>True when this secret proved right before and is still the one stored: costs one fast hash.</summary>
    public bool IsRemembered(string secretHash, string secret) =>
        remembered.TryGetValue(secretHash, out var fast)
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(fast), Encoding.ASCII.GetBytes(FastHash(secretHash, secret)));

    /// <summary>Waits for a turn, which ends when it is disposed of; null when too many wait.</summary>
    public async Task<Turn?> TakeTurnAsync(CancellationToken cancellationToken) => await turns.TryTakeAsync(cancellationToken) ? new Turn(this) : null;

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    private async Task<bool> VerifyAsync(string? secretHash, string secret)
    {
        if (secret.Length is 0 or > LongestSecret)
        {
            return false;
        }

        if (secretHash is not null && IsRemembered(secretHash, secret))
        {
            return true;
        }

        var isRight = await Task.Run(() => IsRight(secretHash ?? Nobody, secret), CancellationToken.None);
        if (!isRight || secretHash is null)
        {
            return false;
        }

        if (remembered.Count >= MostRemembered)
        {
            remembered.Clear();
        }

        remembered[secretHash] = FastHash(secretHash, secret);
        return true;
    }

    private static bool IsRight(string secretHash, string secret)
    {
        if (secretHash.Split('$') is not [Algorithm, var iterationsText, var salt, var expectedText]
            || !int.TryParse(iterationsText, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations))
        {
            throw new FormatException("a stored secret's hash is not of a known form");
        }

        var expected = Base64Url.DecodeFromChars(expectedText);
        var actual = Rfc2898DeriveBytes.Pbkdf2(secret, Base64Url.DecodeFromChars(salt), iterations, HashAlgorithmName.SHA256, expected.Length);
        return CryptographicOperations.FixedTimeEquals(expected, actual);
    }

    private static string Hash(string secret, byte[] salt)
    {
        var hash = Rfc2898DeriveBytes.Pbkdf2(secret, salt, Iterations, HashAlgorithmName.SHA256, HashBytes);
        return string.Create(CultureInfo.InvariantCulture, $"{Algorithm}${Iterations}${Base64Url.EncodeToString(salt)}${Base64Url.EncodeToString(hash)}");
    }

    private string FastHash(string secretHash, string secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(processKey, Encoding.UTF8.GetBytes($"{secretHash}\n{secret}")));

    /// <summary>Somebody's turn. What is begun in it is not broken off.</summary>
    public sealed class Turn : IDisposable
    {
        private readonly ClientSecrets secrets;

        internal Turn(ClientSecrets secrets) => this.secrets = secrets;

        /// <summary>
        /// True when the secret is the one of the stored hash. Without a hash, for a client that is not there, it takes as long and is false.
        /// </summary>
        public Task<bool> VerifyAsync(string? secretHash, string secret)
        {
            ArgumentNullException.ThrowIfNull(secret);
            return secrets.VerifyAsync(secretHash, secret);
        }

        /// <inheritdoc/>
        public void Dispose() => secrets.turns.Return();
    }
}
