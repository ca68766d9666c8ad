namespace Exchange.Catalog;

/// <summary>Measured staleness against a declared update cycle.</summary>
/// <param name="State">How fresh.</param>
/// <param name="UpdateCycle">The cycle it is measured against.</param>
/// <param name="LastChange">When a record last changed; null when none ever did.</param>
/// <param name="DueTime">With a clock: when the next change is due, or was; null otherwise.</param>
public sealed record Staleness(StalenessState State, UpdateCycle UpdateCycle, DateTimeOffset? LastChange, DateTimeOffset? DueTime)
{
    /// <summary>
    /// Staleness now. A change is due by the end of the day one cycle behind the day of the last one: on the next day for DAILY, on the day of that number in the next
    /// month, or its last day, for MONTHLY. Days are all days of the hub's time zone. REALTIME, IRREGULAR, STATIC and an unspecified cycle have no clock.
    /// </summary>
    public static Staleness Of(UpdateCycle cycle, DateTimeOffset? lastChange, WorkCalendar calendar, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(calendar);
        if (lastChange is not { } last)
        {
            return new(StalenessState.NothingYet, cycle, null, null);
        }

        var day = calendar.DayOf(last);
        DateOnly? dueDay = cycle switch
        {
            UpdateCycle.Daily => day.AddDays(1),
            UpdateCycle.Weekly => day.AddDays(7),
            UpdateCycle.TenDays => day.AddDays(10),
            UpdateCycle.Monthly => day.AddMonths(1),
            UpdateCycle.Quarterly => day.AddMonths(3),
            UpdateCycle.HalfYearly => day.AddMonths(6),
            UpdateCycle.Yearly => day.AddMonths(12),
            _ => null,
        };
        if (dueDay is not { } due)
        {
            return new(StalenessState.NotClocked, cycle, last, null);
        }

        var end = calendar.BeginningOf(due.AddDays(1));
        return new(now < end ? StalenessState.UpToDate : StalenessState.Overdue, cycle, last, end);
    }

    /// <summary>The cycle that a department declared for its fields of a resource: the shortest on its sharing list that has a clock, else the first there, else the resource's.</summary>
    public static UpdateCycle CycleOf(ResourceDefinition resource, SharingList list)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(list);
        var declared = list.Entries.Select(entry => entry.UpdateCycle).Where(cycle => cycle is not UpdateCycle.Unspecified).ToList();
        return declared.Count is 0 ? resource.UpdateCycle : declared.MinBy(Length);
    }

    private static int Length(UpdateCycle cycle) => cycle switch
    {
        UpdateCycle.Daily => 1,
        UpdateCycle.Weekly => 7,
        UpdateCycle.TenDays => 10,
        UpdateCycle.Monthly => 30,
        UpdateCycle.Quarterly => 90,
        UpdateCycle.HalfYearly => 180,
        UpdateCycle.Yearly => 365,
        _ => int.MaxValue,
    };
}
