using System.Globalization;
using System.Text.Json;
using Exchange.Protos.V1;

namespace Exchange.Clients.Export;

/// <summary>Values as text and as JSON.</summary>
public static class ValueText
{
    /// <summary>
    /// The value as it stands in a CSV cell: times in RFC 3339 (UTC), points as `latitude,longitude`, lists as a JSON array; null where
    /// there is nothing to show.
    /// </summary>
    public static string? Of(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.Text => value.Text,
        Value.KindOneofCase.Integer => value.Integer.ToString(CultureInfo.InvariantCulture),
        Value.KindOneofCase.Decimal => value.Decimal,
        Value.KindOneofCase.Boolean => value.Boolean ? "true" : "false",
        Value.KindOneofCase.Date => Date(value.Date),
        Value.KindOneofCase.Timestamp => Time(value),
        Value.KindOneofCase.Code => value.Code,
        Value.KindOneofCase.TextList => JsonSerializer.Serialize(value.TextList.Values, _json),
        Value.KindOneofCase.Point => $"{Degrees(value.Point.Latitude)},{Degrees(value.Point.Longitude)}",
        _ => null,
    };

    /// <summary>What the source has for a code, as `code_system/source_code`; null where nothing stands beside the value.</summary>
    public static string? SourceOf(Value value) => value.SourceCode.Length is 0 ? null : $"{value.CodeSystem}/{value.SourceCode}";

    /// <summary>The value with what its source has for it, for people.</summary>
    public static string OfBoth(Value value) => SourceOf(value) is { } source ? $"{Of(value)}  ({source})" : Of(value) ?? "";

    /// <summary>Writes the value: points as an object, lists as an array, decimals as numbers with all their digits, nothing as null.</summary>
    public static void Write(Utf8JsonWriter json, Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.Integer:
                json.WriteNumberValue(value.Integer);
                break;
            case Value.KindOneofCase.Decimal:
                json.WriteRawValue(value.Decimal);
                break;
            case Value.KindOneofCase.Boolean:
                json.WriteBooleanValue(value.Boolean);
                break;
            case Value.KindOneofCase.TextList:
                json.WriteStartArray();
                foreach (var text in value.TextList.Values)
                {
                    json.WriteStringValue(text);
                }

                json.WriteEndArray();
                break;
            case Value.KindOneofCase.Point:
                json.WriteStartObject();
                json.WriteNumber("latitude", value.Point.Latitude);
                json.WriteNumber("longitude", value.Point.Longitude);
                json.WriteEndObject();
                break;
            default:
                json.WriteStringValue(Of(value));
                break;
        }
    }

    /// <summary>The record id of a row, as a UUID in its usual form.</summary>
    public static string RecordId(Google.Protobuf.ByteString id) => new Guid(id.Span, bigEndian: true).ToString();

    private static readonly JsonSerializerOptions _json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Date(int days) => new DateOnly(1970, 1, 1).AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Time(Value value) => value.Timestamp.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    private static string Degrees(double degrees) => degrees.ToString("R", CultureInfo.InvariantCulture);
}
