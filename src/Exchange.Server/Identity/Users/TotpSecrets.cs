using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog;
using Exchange.EventStore.Sealing;
using Exchange.Server.Hosting;
using OtpNet;

namespace Exchange.Server.Identity.Users;

/// <summary>
/// The second factor (TOTP, RFC 6238: SHA-1, 30 seconds, 6 digits, the step before and after too): secrets of 160 bits, made for an enrolment code and stored
/// sealed under a key derived from the hub's.
/// </summary>
internal sealed class TotpSecrets(HubSecrets secrets, TimeProvider time)
{
    private const int SecretBytes = 20;
    private const int SaltBytes = 16;
    private const int StepSeconds = 30;
    private const int Digits = 6;
    private const string Issuer = "DataExchange";

    private static readonly VerificationWindow Window = new(previous: 1, future: 1);

    private readonly Lazy<byte[]> enrolmentKey = new(() => secrets.Derive("totp-enrolment"));
    private readonly Lazy<byte[]> sealKey = new(() => secrets.Derive("totp-secrets"));

    /// <summary>A new salt of an enrolment that begins: whoever handed out the code does not know the secret that comes of it.</summary>
    public static string NewSalt() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SaltBytes));

    /// <summary>
    /// The secret that goes with a user's enrolment code and a salt, always the same, so that nothing needs to be stored before the user has enrolled; null when
    /// the salt is none.
    /// </summary>
    public byte[]? ForEnrolment(UserId user, string codeHash, string salt) =>
        StrictBase64Url.Decode(salt) is { Length: SaltBytes } ? HMACSHA256.HashData(enrolmentKey.Value, Encoding.UTF8.GetBytes($"{user}\n{codeHash}\n{salt}"))[..SecretBytes] : null;

    /// <summary>The secret as people type it into an authenticator: base32.</summary>
    public static string ToText(byte[] secret) => Base32Encoding.ToString(secret).TrimEnd('=');

    /// <summary>The secret as authenticators read it from a picture.</summary>
    public static string ToUri(UserId user, byte[] secret) =>
        $"otpauth://totp/{Issuer}:{user}?secret={ToText(secret)}&issuer={Issuer}&algorithm=SHA1&digits={Digits}&period={StepSeconds}";

    /// <summary>The secret sealed for its user, for the log.</summary>
    public string Seal(UserId user, byte[] secret) => Base64Url.EncodeToString(SealedBytes.Seal(sealKey.Value, secret, Encoding.UTF8.GetBytes(user.Value)));

    /// <summary>The time step whose code this is, at most one away from now; null when it is none of theirs.</summary>
    public long? StepOf(byte[] secret, string code) =>
        code.Length is Digits && code.All(char.IsAsciiDigit)
        && new Totp(secret, StepSeconds, OtpHashMode.Sha1, Digits).VerifyTotp(time.GetUtcNow().UtcDateTime, code, out var step, Window)
            ? step
            : null;

    /// <summary>As <see cref="StepOf(byte[], string)"/>, by the secret that the user enrolled with.</summary>
    public long? StepOf(User user, string code) =>
        StepOf(SealedBytes.Open(sealKey.Value, Base64Url.DecodeFromChars(user.SealedTotpSecret), Encoding.UTF8.GetBytes(user.Id.Value)), code);
}
