using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Exchange.Catalog.Records;

namespace Exchange.Server.Records.Deciding;

/// <summary>The source versions of a record as the JSON object of its subject table: `{"forum": 3}`.</summary>
internal static class SourceVersionsJson
{
    /// <summary>The object; null when no system sent a version.</summary>
    public static string? Write(ImmutableArray<SourceVersion> versions)
    {
        if (versions.IsEmpty)
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>(64);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (system, version) in versions)
            {
                writer.WriteNumber(system, version);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads what <see cref="Write"/> wrote, in the order PostgreSQL keeps it.</summary>
    public static ImmutableArray<SourceVersion> Read(string? json)
    {
        if (json is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateObject().Select(system => new SourceVersion(system.Name, system.Value.GetInt64()))];
    }
}
