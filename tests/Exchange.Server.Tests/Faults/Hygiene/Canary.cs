using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Exchange.Server.Tests.Faults.Hygiene;

/// <summary>A value that is planted in a run and looked for afterwards, in whatever form it may have leaked.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Bytes">The value, of at least eight bytes.</param>
/// <param name="IsSecret">True for what nothing may keep; false for personal data, which the subject tables hold.</param>
internal sealed record Canary(string Name, byte[] Bytes, bool IsSecret)
{
    private readonly string[] forms = [.. Forms(Bytes).Distinct(StringComparer.Ordinal)];
    private readonly string hex = Convert.ToHexStringLower(Bytes);

    public static Canary Secret(string name, string text) => new(name, Encoding.UTF8.GetBytes(text), true);

    public static Canary Person(string name, string text) => new(name, Encoding.UTF8.GetBytes(text), false);

    /// <summary>True when the text shows it: as it is, in base64 or base64url at any place of something longer, hexadecimal, percent-encoded or as JSON writes it.</summary>
    public bool IsIn(string text) => text.Contains(hex, StringComparison.OrdinalIgnoreCase) || Array.Exists(forms, form => text.Contains(form, StringComparison.Ordinal));

    private static IEnumerable<string> Forms(byte[] bytes)
    {
        if (Encoding.UTF8.GetString(bytes) is var text && !text.Contains('\uFFFD', StringComparison.Ordinal))
        {
            yield return text;
            yield return Uri.EscapeDataString(text);
            yield return Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
            yield return JsonEncodedText.Encode(text).ToString();
            yield return JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
            yield return text.Aggregate(new StringBuilder(), (all, c) => c < 128 ? all.Append(c) : all.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")).ToString();
        }

        // In the middle of more, the characters at both ends depend on the neighbours.
        for (var before = 0; before < 3; before++)
        {
            byte[] shifted = [.. new byte[before], .. bytes];
            var (from, to) = ((8 * before) + 5, 8 * shifted.Length);
            var (first, last) = (from / 6, to / 6);
            yield return Convert.ToBase64String(shifted)[first..last];
            yield return Base64Url.EncodeToString(shifted)[first..last];
        }
    }
}
