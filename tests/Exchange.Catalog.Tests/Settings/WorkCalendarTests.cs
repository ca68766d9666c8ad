namespace Exchange.Catalog.Tests.Settings;

public class WorkCalendarTests
{
    // The National Day holiday of 2026 as an invented hub may settle it: 1 to 7 October off, 27 September (a Sunday) and 10 October (a Saturday) worked.
    private static readonly WorkCalendar China = new()
    {
        Holidays = [.. Enumerable.Range(1, 7).Select(day => new DateOnly(2026, 10, day))],
        WorkingWeekendDays = [new(2026, 9, 27), new(2026, 10, 10)],
    };

    [Theory]
    [InlineData("2026-03-02T09:00+08:00", 1, "2026-03-04T00:00+08:00")] // Monday: to the end of Tuesday
    [InlineData("2026-03-02T23:59+08:00", 1, "2026-03-04T00:00+08:00")]
    [InlineData("2026-03-02T16:00Z", 1, "2026-03-05T00:00+08:00")] // Tuesday already, in the hub's time zone
    [InlineData("2026-03-06T09:00+08:00", 1, "2026-03-10T00:00+08:00")] // Friday: to the end of Monday
    [InlineData("2026-03-07T09:00+08:00", 1, "2026-03-10T00:00+08:00")] // Saturday
    [InlineData("2026-09-25T09:00+08:00", 1, "2026-09-28T00:00+08:00")] // the Sunday behind it is worked
    [InlineData("2026-09-29T09:00+08:00", 2, "2026-10-09T00:00+08:00")] // Wednesday, then Thursday the 8th
    [InlineData("2026-09-29T09:00+08:00", 4, "2026-10-11T00:00+08:00")] // Friday the 9th, then the Saturday that is worked
    [InlineData("2026-03-02T09:00+08:00", 10, "2026-03-17T00:00+08:00")]
    public void A_limit_ends_with_the_last_of_its_working_days(string start, int days, string due) =>
        Assert.Equal(DateTimeOffset.Parse(due, null), China.DueAfter(DateTimeOffset.Parse(start, null), days));

    [Theory]
    [InlineData("2026-03-17T00:00+08:00", 1, "2026-03-16T00:00+08:00")] // the last day itself
    [InlineData("2026-03-17T00:00+08:00", 2, "2026-03-13T00:00+08:00")]
    [InlineData("2026-10-09T00:00+08:00", 2, "2026-09-30T00:00+08:00")]
    [InlineData("2026-03-17T11:30+08:00", 1, "2026-03-17T00:00+08:00")] // the end of a grant need not be the end of a day
    public void A_limit_is_near_from_the_beginning_of_its_last_working_days(string due, int days, string from) =>
        Assert.Equal(DateTimeOffset.Parse(from, null), China.NearFrom(DateTimeOffset.Parse(due, null), days));

    [Fact]
    public void Where_clocks_change_at_midnight_days_begin_when_they_begin()
    {
        var santiago = new WorkCalendar { TimeZone = "America/Santiago" };
        var havana = new WorkCalendar { TimeZone = "America/Havana" };

        // 2026-09-06 begins at 01:00 in Santiago; 2026-11-01 begins twice in Havana, whose first midnight is summer time.
        Assert.Equal(DateTimeOffset.Parse("2026-09-06T01:00-03:00", null), santiago.BeginningOf(new(2026, 9, 6)));
        Assert.Equal(DateTimeOffset.Parse("2026-11-01T00:00-04:00", null), havana.BeginningOf(new(2026, 11, 1)));
    }

    [Theory]
    [InlineData("Asia/Shanghai", true)]
    [InlineData("Europe/Berlin", true)]
    [InlineData("europe/berlin", false)]
    [InlineData("China Standard Time", false)]
    [InlineData("Mars/Olympus", false)]
    [InlineData("", false)]
    public void Time_zones_are_named_as_IANA_does(string id, bool isOne) => Assert.Equal(isOne, WorkCalendar.IsTimeZone(id));
}
