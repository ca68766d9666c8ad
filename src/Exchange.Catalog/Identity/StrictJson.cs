using System.Text.Json;

namespace Exchange.Catalog;

/// <summary>Reads JSON of strangers: no duplicate names, little depth, every text well-formed, so that nothing read from it later can throw.</summary>
public static class StrictJson
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>The object that the bytes are; null when they are none. It lives on its own.</summary>
    public static JsonElement? ReadObject(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, Options);
            return document.RootElement.ValueKind is JsonValueKind.Object && IsWellFormed(document.RootElement) ? document.RootElement.Clone() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text that is not UTF-8, or half of a surrogate pair in an escape.
            return null;
        }
    }

    /// <summary>A member that is a string, or null.</summary>
    public static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static bool IsWellFormed(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString() is not null,
        JsonValueKind.Array => element.EnumerateArray().All(IsWellFormed),
        JsonValueKind.Object => element.EnumerateObject().All(member => member.Name is not null && IsWellFormed(member.Value)),
        _ => true,
    };
}
