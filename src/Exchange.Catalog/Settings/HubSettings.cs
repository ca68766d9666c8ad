namespace Exchange.Catalog;

/// <summary>What one hub settles for all its departments.</summary>
public sealed record HubSettings
{
    /// <summary>Of a hub that was told nothing.</summary>
    public static HubSettings Default { get; } = new();

    /// <summary>Department that checks requests for conformity; null: nobody does.</summary>
    public DepartmentId? SharingAuthority { get; init; }

    /// <summary>Department that is told of what is overdue; null: nobody is.</summary>
    public DepartmentId? SupervisionOffice { get; init; }

    /// <summary>The working days.</summary>
    public WorkCalendar Calendar { get; init; } = new();

    /// <summary>The limits.</summary>
    public WorkingDayLimits Limits { get; init; } = WorkingDayLimits.Default;

    /// <summary>0 before the first update, then one more with each.</summary>
    public int Revision { get; init; }

    /// <summary>Changes with every update.</summary>
    public string Etag => $"s{Revision}";
}
