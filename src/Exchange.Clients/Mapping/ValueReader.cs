using System.Globalization;
using Exchange.Clients.Files;
using Exchange.Protos.V1;
using NodaTime;

namespace Exchange.Clients.Mapping;

/// <summary>Turns text into a value of one field's type.</summary>
internal sealed class ValueReader
{
    private readonly FieldType _type;
    private readonly TimeReader? _times;

    private ValueReader(FieldType type, TimeReader? times)
    {
        _type = type;
        _times = times;
    }

    public static ValueReader? Create(FieldType type, IReadOnlyList<string> formats, DateTimeZone? zone, out string problem)
    {
        problem = "";
        if (type is not (FieldType.Timestamp or FieldType.Date))
        {
            if (formats.Count > 0)
            {
                problem = $"`formats` is for dates and times; the field is {type}";
                return null;
            }

            return new ValueReader(type, null);
        }

        var times = TimeReader.Create(formats, zone, type is FieldType.Date, out problem);
        return times is null ? null : new ValueReader(type, times);
    }

    /// <summary>The value, or why the text is none.</summary>
    public Value? Read(string text, string column, List<string> warnings, List<RowProblem> problems)
    {
        switch (_type)
        {
            case FieldType.Text:
                return new Value { Text = text };
            case FieldType.Code:
                return new Value { Code = text };
            case FieldType.TextList:
                return new Value { TextList = new TextList { Values = { text } } };
            case FieldType.Integer when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer):
                return new Value { Integer = integer };
            case FieldType.Decimal when decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number):
                return new Value { Decimal = number.ToString(CultureInfo.InvariantCulture) };
            case FieldType.Boolean when Truth(text) is { } truth:
                return new Value { Boolean = truth };
            case FieldType.Point when Point(text) is { } point:
                return new Value { Point = point };
            case FieldType.Timestamp when _times!.ReadInstant(text, warnings) is { } instant:
                return new Value { Timestamp = instant };
            case FieldType.Date when _times!.ReadDate(text) is { } date:
                return new Value { Date = date };
            default:
                problems.Add(Refuse(column));
                return null;
        }
    }

    /// <summary>A point of two texts, or null with the problem noted.</summary>
    public static Value? ReadPoint(string latitude, string longitude, string column, List<RowProblem> problems)
    {
        if (Point(latitude, longitude) is { } point)
        {
            return new Value { Point = point };
        }

        problems.Add(new RowProblem(column, "INVALID_POINT", "is no latitude (-90 to 90) with a longitude (-180 to 180) in degrees"));
        return null;
    }

    private static bool? Truth(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "YES" or "Y" or "1" or "是" => true,
        "FALSE" or "NO" or "N" or "0" or "否" => false,
        _ => null,
    };

    private static Protos.V1.Point? Point(string text)
    {
        var parts = text.Trim('(', ')').Split(',');
        return parts.Length == 2 ? Point(parts[0], parts[1]) : null;
    }

    private static Protos.V1.Point? Point(string latitude, string longitude) =>
        Degrees(latitude, 90) is { } north && Degrees(longitude, 180) is { } east ? new Protos.V1.Point { Latitude = north, Longitude = east } : null;

    private static double? Degrees(string text, double most) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var degrees) && Math.Abs(degrees) <= most ? degrees : null;

    private RowProblem Refuse(string column) => _type switch
    {
        FieldType.Integer => new(column, "INVALID_NUMBER", "is no whole number of 64 bits; take the digits with `extract` where there is more"),
        FieldType.Decimal => new(column, "INVALID_NUMBER", "is no decimal number with a point"),
        FieldType.Boolean => new(column, "INVALID_BOOLEAN", "is neither true nor false; map it with `codes`"),
        FieldType.Point => new(column, "INVALID_POINT", "is no `latitude, longitude` in degrees"),
        _ => new(column, "INVALID_TIME", "fits none of the `formats`; add its pattern to the mapping"),
    };
}
