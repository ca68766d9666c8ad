using Exchange.Policy.Conditions;

namespace Exchange.Policy.Masks;

/// <summary>Masks on dates, numbers and points.</summary>
internal static class NumberMasks
{
    private const double MetersPerDegree = 111_320;

    /// <summary>1 January of the date's or timestamp's year, at midnight UTC.</summary>
    public static FieldValue YearOnly(in FieldValue value)
    {
        switch (value.Type)
        {
            case FieldType.Unspecified:
                return default;
            case FieldType.Date:
                var year = DateTime.UnixEpoch.AddDays(value.AsDate).Year;
                return FieldValue.Date((int)(new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalDays);
            default:
                var time = DateTime.UnixEpoch.AddTicks(value.AsTimestamp * TimeSpan.TicksPerMicrosecond);
                var start = new DateTime(time.Year, 1, 1, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch;
                return FieldValue.Timestamp(start.Ticks / TimeSpan.TicksPerMicrosecond);
        }
    }

    /// <summary>Lower bound of the bucket of that width, also below zero; the least number where the bound would be below it.</summary>
    public static FieldValue Bucket(in FieldValue value, int width)
    {
        switch (value.Type)
        {
            case FieldType.Unspecified:
                return default;
            case FieldType.Decimal:
                return FieldValue.Decimal(decimal.Floor(value.AsDecimal / width) * width);
            default:
                var number = value.AsInteger;
                var rest = ((number % width) + width) % width;
                return FieldValue.Integer(number < long.MinValue + rest ? long.MinValue : number - rest);
        }
    }

    /// <summary>
    /// Centre of the grid cell: rows of cells are that many metres high, and in each row cells are as wide, measured on its
    /// middle. Rounded to six decimals, so that all machines give the same.
    /// </summary>
    public static FieldValue TruncatePoint(in FieldValue value, int meters)
    {
        if (value.IsMissing)
        {
            return default;
        }

        var (latitude, longitude) = value.AsPoint;
        var height = meters / MetersPerDegree;
        var middle = Math.Clamp((Math.Floor(latitude / height) + 0.5) * height, -90, 90);
        var shrink = Math.Cos(middle * Math.PI / 180);
        var width = shrink * 360 <= height ? 360 : height / shrink;
        var centre = width >= 360 ? 0 : Math.Clamp((Math.Floor(longitude / width) + 0.5) * width, -180, 180);
        return FieldValue.Point(Math.Round(middle, 6), Math.Round(centre, 6));
    }
}
