namespace Exchange.Catalog.Tests.Catalog.Quality;

public class StalenessTests
{
    private static readonly WorkCalendar Calendar = new();

    [Theory]
    [InlineData(UpdateCycle.Daily, "2026-03-02T09:00+08:00", "2026-03-04T00:00+08:00")]
    [InlineData(UpdateCycle.Daily, "2026-03-02T16:00Z", "2026-03-05T00:00+08:00")] // Tuesday already, in the hub's time zone
    [InlineData(UpdateCycle.Weekly, "2026-03-02T09:00+08:00", "2026-03-10T00:00+08:00")]
    [InlineData(UpdateCycle.TenDays, "2026-03-02T09:00+08:00", "2026-03-13T00:00+08:00")]
    [InlineData(UpdateCycle.Monthly, "2026-01-31T09:00+08:00", "2026-03-01T00:00+08:00")]
    [InlineData(UpdateCycle.Quarterly, "2026-01-31T09:00+08:00", "2026-05-01T00:00+08:00")]
    [InlineData(UpdateCycle.HalfYearly, "2026-03-02T09:00+08:00", "2026-09-03T00:00+08:00")]
    [InlineData(UpdateCycle.Yearly, "2028-02-29T09:00+08:00", "2029-03-01T00:00+08:00")]
    public void A_change_is_due_by_the_end_of_the_day_one_cycle_behind_the_last(UpdateCycle cycle, string last, string due)
    {
        var (change, end) = (DateTimeOffset.Parse(last, null), DateTimeOffset.Parse(due, null));

        Assert.Equal(new Staleness(StalenessState.UpToDate, cycle, change, end), Staleness.Of(cycle, change, Calendar, change));
        Assert.Equal(StalenessState.UpToDate, Staleness.Of(cycle, change, Calendar, end.AddTicks(-1)).State);
        Assert.Equal(new Staleness(StalenessState.Overdue, cycle, change, end), Staleness.Of(cycle, change, Calendar, end));
    }

    [Theory]
    [InlineData(UpdateCycle.Realtime)]
    [InlineData(UpdateCycle.Irregular)]
    [InlineData(UpdateCycle.Static)]
    [InlineData(UpdateCycle.Unspecified)]
    public void A_cycle_without_a_clock_tells_only_the_time(UpdateCycle cycle) =>
        Assert.Equal(new Staleness(StalenessState.NotClocked, cycle, City.Noon, null), Staleness.Of(cycle, City.Noon, Calendar, City.Noon.AddYears(9)));

    [Fact]
    public void Every_cycle_is_measured_or_has_no_clock_and_none_is_measured_before_anything_came() => Assert.All(Enum.GetValues<UpdateCycle>(), cycle =>
    {
        Assert.Equal(new Staleness(StalenessState.NothingYet, cycle, null, null), Staleness.Of(cycle, null, Calendar, City.Noon));
        Assert.NotEqual(StalenessState.UpToDate, Staleness.Of(cycle, City.Noon, Calendar, City.Noon.AddYears(9)).State);
    });

    [Fact]
    public void A_department_is_held_to_the_shortest_cycle_on_its_list_or_else_to_the_resources()
    {
        var resource = City.Resource;
        SharingList List(params UpdateCycle[] cycles) => City.State.SharingListOf(City.Hotline, resource.Id) with
        {
            Entries = [.. cycles.Select((cycle, index) => new SharingEntry { FieldNumber = index + 1, Level = Level.Public, SharingClass = SharingClass.Unconditional, OpenClass = OpenClass.NotOpen, UpdateCycle = cycle })],
        };

        Assert.Equal(UpdateCycle.Weekly, Staleness.CycleOf(resource, List(UpdateCycle.Monthly, UpdateCycle.Irregular, UpdateCycle.Weekly, UpdateCycle.Unspecified)));
        Assert.Equal(UpdateCycle.Irregular, Staleness.CycleOf(resource, List(UpdateCycle.Irregular)));
        Assert.Equal(resource.UpdateCycle, Staleness.CycleOf(resource, List(UpdateCycle.Unspecified)));
    }
}
