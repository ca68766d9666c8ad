using Google.Protobuf.WellKnownTypes;
using NodaTime;
using NodaTime.Text;
using NodaTime.TimeZones;

namespace Exchange.Clients.Mapping;

/// <summary>
/// Reads dates and times. Local ones are placed in a zone: of an ambiguous time the earlier instant is taken, a time that
/// the clocks skipped is moved forward by the gap, both with a warning.
/// </summary>
internal sealed class TimeReader
{
    /// <summary>Warning: the clocks showed this time twice.</summary>
    public const string Ambiguous = "TIME_AMBIGUOUS";

    /// <summary>Warning: the clocks never showed this time.</summary>
    public const string Nonexistent = "TIME_NONEXISTENT";

    private static readonly ZoneLocalMappingResolver _resolver = Resolvers.CreateMappingResolver(Resolvers.ReturnEarlier, Resolvers.ReturnForwardShifted);

    private readonly Func<string, (Instant? Instant, LocalDateTime? Local)>[] _readers;
    private readonly DateTimeZone? _zone;

    private TimeReader(Func<string, (Instant? Instant, LocalDateTime? Local)>[] readers, DateTimeZone? zone)
    {
        _readers = readers;
        _zone = zone;
    }

    /// <summary>Makes a reader; null with what is wrong.</summary>
    /// <param name="formats">
    /// Patterns such as `yyyy/M/d H:mm:ss` (NodaTime's letters), or the words rfc3339, epoch-seconds, epoch-milliseconds.
    /// None: RFC 3339, then ISO 8601 without offset, then a plain date.
    /// </param>
    /// <param name="zone">Zone of local times; null when there is none.</param>
    /// <param name="dates">True for calendar dates, which need no zone.</param>
    /// <param name="problem">What is wrong.</param>
    public static TimeReader? Create(IReadOnlyList<string> formats, DateTimeZone? zone, bool dates, out string problem)
    {
        problem = "";
        var readers = new List<Func<string, (Instant?, LocalDateTime?)>>();
        foreach (var format in formats.Count > 0 ? formats : ["rfc3339", "uuuu-MM-dd'T'HH:mm:ss.FFFFFFF", "uuuu-MM-dd HH:mm:ss.FFFFFFF", "uuuu-MM-dd"])
        {
            switch (format)
            {
                case "rfc3339":
                    // The types are stated: those of the bare values would make `default` the first instant of 1970 instead of nothing.
                    readers.Add(text => OffsetDateTimePattern.Rfc3339.Parse(text) is { Success: true } r ? ((Instant?)r.Value.ToInstant(), (LocalDateTime?)r.Value.LocalDateTime) : default);
                    continue;
                case "epoch-seconds":
                    readers.Add(text => Epoch(text, 1000));
                    continue;
                case "epoch-milliseconds":
                    readers.Add(text => Epoch(text, 1));
                    continue;
            }

            LocalDateTimePattern pattern;
            try
            {
                pattern = LocalDateTimePattern.CreateWithInvariantCulture(format);
            }
            catch (InvalidPatternException e)
            {
                problem = $"`{format}` is no date and time pattern: {e.Message} Write e.g. `yyyy-MM-dd HH:mm:ss` or `MM/dd/yyyy hh:mm:ss tt`";
                return null;
            }

            if (zone is null && !dates && formats.Count > 0)
            {
                problem = $"`{format}` is a local time, so the file needs `time_zone`, e.g. `time_zone: Asia/Shanghai`";
                return null;
            }

            readers.Add(text => pattern.Parse(text) is { Success: true } r ? (null, r.Value) : default);
        }

        return new TimeReader([.. readers], zone);
    }

    /// <summary>Reads an instant; null when no format fits.</summary>
    public Timestamp? ReadInstant(string text, ICollection<string> warnings)
    {
        foreach (var reader in _readers)
        {
            var (instant, local) = reader(text);
            if (instant is null && local is { } time && _zone is not null)
            {
                var mapping = _zone.MapLocal(time);
                if (mapping.Count != 1)
                {
                    warnings.Add(mapping.Count == 0 ? Nonexistent : Ambiguous);
                }

                instant = _resolver(mapping).ToInstant();
            }

            if (instant is { } found)
            {
                var seconds = found.ToUnixTimeSeconds();
                var within = found - Instant.FromUnixTimeSeconds(seconds);
                return new Timestamp { Seconds = seconds, Nanos = (int)(within.SubsecondNanoseconds / 1000 * 1000) };
            }
        }

        return null;
    }

    /// <summary>Reads a date as days since 1970-01-01; null when no format fits.</summary>
    public int? ReadDate(string text)
    {
        foreach (var reader in _readers)
        {
            if (reader(text).Local is { } local)
            {
                return Period.DaysBetween(new LocalDate(1970, 1, 1), local.Date);
            }
        }

        return null;
    }

    private static (Instant?, LocalDateTime?) Epoch(string text, long factor) =>
        long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number)
        && number >= -62_135_596_800_000 / factor && number <= 253_402_300_799_999 / factor
            ? (Instant.FromUnixTimeMilliseconds(number * factor), null)
            : default;
}
