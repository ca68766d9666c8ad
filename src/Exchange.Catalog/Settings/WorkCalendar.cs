namespace Exchange.Catalog;

/// <summary>
/// Working days of one hub: Monday to Friday, without holidays, with the weekend days that are worked instead (调休), in one time zone. Compares by content.
/// </summary>
public sealed record WorkCalendar
{
    /// <summary>Time zone of a hub that was not told another.</summary>
    public const string DefaultTimeZone = "Asia/Shanghai";

    // The default needs no time zone data on the machine: it has had one offset since 1991.
    private static readonly TimeZoneInfo Shanghai = TimeZoneInfo.CreateCustomTimeZone(DefaultTimeZone, TimeSpan.FromHours(8), DefaultTimeZone, DefaultTimeZone);

    /// <summary>IANA id of the time zone.</summary>
    public string TimeZone { get; init; } = DefaultTimeZone;

    /// <summary>Days off besides Saturdays and Sundays, sorted.</summary>
    public ValueList<DateOnly> Holidays { get; init; }

    /// <summary>Saturdays and Sundays that are worked, sorted.</summary>
    public ValueList<DateOnly> WorkingWeekendDays { get; init; }

    /// <summary>True for a day that counts.</summary>
    public bool IsWorkingDay(DateOnly day) =>
        day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? IsAmong(WorkingWeekendDays, day) : !IsAmong(Holidays, day);

    /// <summary>The end of the so many-th working day after the day of <paramref name="start"/>, which does not count: the first instant of the day behind it.</summary>
    public DateTimeOffset DueAfter(DateTimeOffset start, int workingDays)
    {
        var day = DayOf(start);
        for (var left = workingDays; left > 0;)
        {
            day = day.AddDays(1);
            left -= IsWorkingDay(day) ? 1 : 0;
        }

        return BeginningOf(day.AddDays(1));
    }

    /// <summary>
    /// The instant from which less than so many working days are left before the end of a limit that <see cref="DueAfter"/> told: the beginning of the so many-th
    /// working day before that end.
    /// </summary>
    public DateTimeOffset NearFrom(DateTimeOffset due, int workingDays)
    {
        var day = DayOf(due.AddTicks(-1)).AddDays(1);
        for (var left = workingDays; left > 0;)
        {
            day = day.AddDays(-1);
            left -= IsWorkingDay(day) ? 1 : 0;
        }

        return BeginningOf(day);
    }

    /// <summary>The day of an instant.</summary>
    public DateOnly DayOf(DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Zone).DateTime);

    /// <summary>The first instant of a day.</summary>
    public DateTimeOffset BeginningOf(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        while (Zone.IsInvalidTime(midnight))
        {
            midnight = midnight.AddMinutes(15); // where clocks go forward at midnight the day begins later
        }

        // Where clocks go back to midnight it comes twice: the first is meant.
        var offset = Zone.IsAmbiguousTime(midnight) ? Zone.GetAmbiguousTimeOffsets(midnight).Max() : Zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset).ToUniversalTime();
    }

    private static bool IsAmong(ValueList<DateOnly> sorted, DateOnly day)
    {
        var (first, behind) = (0, sorted.Count);
        while (first < behind)
        {
            var middle = (first + behind) / 2;
            (first, behind) = sorted[middle] < day ? (middle + 1, behind) : (first, middle);
        }

        return first < sorted.Count && sorted[first] == day;
    }

    private TimeZoneInfo Zone => TimeZone is DefaultTimeZone ? Shanghai : TimeZoneInfo.FindSystemTimeZoneById(TimeZone);

    /// <summary>True for a time zone that this machine knows by an IANA id.</summary>
    public static bool IsTimeZone(string id) => id is DefaultTimeZone || (TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) && zone.HasIanaId && zone.Id == id);
}
