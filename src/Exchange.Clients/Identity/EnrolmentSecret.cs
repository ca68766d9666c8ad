using System.Text.Json.Serialization;

namespace Exchange.Clients.Identity;

/// <summary>The secret of a user's second factor (TOTP, RFC 6238), to be put into an authenticator.</summary>
/// <param name="Uri">As authenticators read it from a picture: `otpauth://totp/…`.</param>
/// <param name="Secret">As people type it: base32.</param>
/// <param name="Salt">What the hub made the secret of, for this enrolment: it is sent back with the password.</param>
public sealed record EnrolmentSecret(
    [property: JsonPropertyName("otpauth_uri")] string Uri, [property: JsonPropertyName("totp_secret")] string Secret, [property: JsonPropertyName("totp_salt")] string Salt);
