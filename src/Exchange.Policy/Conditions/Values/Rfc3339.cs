using System.Globalization;

namespace Exchange.Policy.Conditions;

/// <summary>Reads timestamps of RFC 3339 to microseconds; finer digits are cut off, leap seconds are not known.</summary>
internal static class Rfc3339
{
    private static readonly string[] Shapes = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss"];

    /// <summary>What became of the text.</summary>
    public enum Outcome
    {
        /// <summary>No timestamp.</summary>
        Wrong,

        /// <summary>A date or a timestamp whose zone is missing.</summary>
        NoZone,

        /// <summary>A timestamp.</summary>
        Read,
    }

    /// <summary>Reads a text to microseconds since 1970-01-01T00:00:00Z.</summary>
    public static Outcome Read(ReadOnlySpan<char> text, out long microseconds)
    {
        microseconds = 0;
        var hasZone = TakeZone(ref text, out var offsetMinutes);
        if (!TakeFraction(ref text, out var fraction)
            || !DateTime.TryParseExact(text, Shapes, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var local)
            || (text.Length is 10 && (hasZone || fraction is not 0)))
        {
            return Outcome.Wrong;
        }

        if (!hasZone)
        {
            return Outcome.NoZone;
        }

        var ticks = local.Ticks - (offsetMinutes * TimeSpan.TicksPerMinute);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return Outcome.Wrong;
        }

        microseconds = ((ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond) + fraction;
        return Outcome.Read;
    }

    private static bool TakeZone(ref ReadOnlySpan<char> text, out int offsetMinutes)
    {
        offsetMinutes = 0;
        if (text is [.. var start, 'Z' or 'z'])
        {
            text = start;
            return true;
        }

        // A date also has a `-` six characters before its end only when it is too short to be one.
        if (text.Length < 16 || text is not [.. var rest, '+' or '-', _, _, ':', _, _])
        {
            return false;
        }

        var sign = text[^6] is '-' ? -1 : 1;
        if (!TryTwoDigits(text[^5..^3], 23, out var hours) || !TryTwoDigits(text[^2..], 59, out var minutes))
        {
            return false;
        }

        offsetMinutes = sign * ((hours * 60) + minutes);
        text = rest;
        return true;
    }

    private static bool TryTwoDigits(ReadOnlySpan<char> text, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;

    private static bool TakeFraction(ref ReadOnlySpan<char> text, out int microseconds)
    {
        microseconds = 0;
        var dot = text.LastIndexOf('.');
        if (dot < 0)
        {
            return true;
        }

        var digits = text[(dot + 1)..];
        if (digits.Length is 0 or > 9 || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        Span<char> six = ['0', '0', '0', '0', '0', '0'];
        digits[..Math.Min(6, digits.Length)].CopyTo(six);
        microseconds = int.Parse(six, NumberStyles.None, CultureInfo.InvariantCulture);
        text = text[..dot];
        return true;
    }
}
