using System.Buffers.Text;

namespace Exchange.Catalog;

/// <summary>Reads base64url (RFC 4648 section 5) of strangers: one text for each value, so that no second spelling, with padding, blanks or spare bits, passes.</summary>
public static class StrictBase64Url
{
    /// <summary>The bytes; null when the text is empty or not their one spelling.</summary>
    public static byte[]? Decode(string text) =>
        text is { Length: > 0 } && Base64Url.IsValid(text) && Base64Url.DecodeFromChars(text) is var bytes && Base64Url.EncodeToString(bytes) == text ? bytes : null;
}
