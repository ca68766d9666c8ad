using System.Globalization;
using System.Security.Cryptography;

namespace Exchange.Server.Identity.Users;

/// <summary>Names a session, the claim `sid` of its access tokens: which enrolment of the user it is of, and 128 random bits in hexadecimal.</summary>
public readonly record struct SessionId(int Enrolment, string Nonce)
{
    private const int NonceBytes = 16;

    /// <summary>A new one.</summary>
    public static SessionId New(int enrolment) => new(enrolment, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes)));

    /// <summary>The id that the text is, or null.</summary>
    public static SessionId? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split('-') is [var enrolment, { Length: 2 * NonceBytes } nonce] && int.TryParse(enrolment, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && nonce.All(char.IsAsciiHexDigitLower)
                ? new(number, nonce)
                : null;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Enrolment}-{Nonce}");
}
