using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>A limit in working days that runs.</summary>
/// <param name="Due">Its end.</param>
/// <param name="Told">How near it was when the sides were told last.</param>
public readonly record struct Clock(DateTimeOffset Due, DueState Told)
{
    /// <summary>A limit that begins now.</summary>
    public static Clock Start(GovernanceState state, int workingDays, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new(state.Settings.Calendar.DueAfter(now, workingDays), DueState.InTime);
    }

    /// <summary>How near it is.</summary>
    public DueState StateAt(GovernanceState state, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        return now >= Due ? DueState.Overdue
            : now >= state.Settings.Calendar.NearFrom(Due, state.Settings.Limits.NearDue) ? DueState.Near
            : DueState.InTime;
    }
}
