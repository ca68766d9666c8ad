using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>A department's request to read fields of others (共享申请). Compares by content.</summary>
public sealed record AccessRequest
{
    private static readonly AccessRequestState[] _order =
    [
        AccessRequestState.SupplementNeeded, AccessRequestState.OwnerReview, AccessRequestState.Approved, AccessRequestState.Provisioning, AccessRequestState.Active,
        AccessRequestState.Expired, AccessRequestState.Revoked, AccessRequestState.Rejected, AccessRequestState.Withdrawn, AccessRequestState.HandedOver,
    ];

    /// <summary>Its id.</summary>
    public required AccessRequestId Id { get; init; }

    /// <summary>Who asks.</summary>
    public required DepartmentId Requester { get; init; }

    /// <summary>Of which resource.</summary>
    public required ResourceId Resource { get; init; }

    /// <summary>Names of the fields wanted.</summary>
    public ValueList<string> Fields { get; init; }

    /// <summary>Departments whose records are wanted, for fields whose owner depends on the record.</summary>
    public ValueList<DepartmentId> Owners { get; init; }

    /// <summary>Basis of the use (使用依据).</summary>
    public Basis Basis { get; init; }

    /// <summary>Purpose that reads will name.</summary>
    public Purpose Purpose { get; init; }

    /// <summary>The scene of the use in words (使用场景).</summary>
    public string Scene { get; init; } = "";

    /// <summary>Rows wanted (使用范围); empty means every row.</summary>
    public string RowFilter { get; init; } = "";

    /// <summary>How it is read.</summary>
    public PlatformMode Mode { get; init; }

    /// <summary>First day wanted; null means as soon as may be.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>End of the term (使用时限).</summary>
    public DateTimeOffset ExpireTime { get; init; }

    /// <summary>How much is wanted.</summary>
    public Quota Quota { get; init; }

    /// <summary>DRAFT, CONFORMITY_CHECK, OWNER_REVIEW once it is with its owners whatever became of it there, REJECTED, WITHDRAWN; see <see cref="StateIn"/>.</summary>
    public AccessRequestState State { get; init; }

    /// <summary>What its owners decide; from its submission on.</summary>
    public ValueList<AccessRequestPart> Parts { get; init; }

    /// <summary>Who saved it last.</summary>
    public ClientId Author { get; init; }

    /// <summary>When it was saved first.</summary>
    public DateTimeOffset CreateTime { get; init; }

    /// <summary>When it was submitted; null before.</summary>
    public DateTimeOffset? SubmitTime { get; init; }

    /// <summary>Limit of the conformity check; null unless it waits for one.</summary>
    public Clock? Clock { get; init; }

    /// <summary>Why the sharing authority rejected it; empty unless it did.</summary>
    public string RejectReason { get; init; } = "";

    /// <summary>From 1, one more with each step.</summary>
    public int Revision { get; init; }

    /// <summary>Changes with every step of the request.</summary>
    public string Etag => $"q{Revision}";

    /// <summary>Where it stands as a whole: what waits goes before what runs, and that before what ended.</summary>
    public AccessRequestState StateIn(GovernanceState state, DateTimeOffset now)
    {
        if (State is not AccessRequestState.OwnerReview)
        {
            return State;
        }

        var parts = Parts.Select(part => part.StateIn(state, now)).ToHashSet();
        return _order.First(parts.Contains);
    }

    /// <summary>True while something of it waits for somebody.</summary>
    public bool IsOpenIn(GovernanceState state, DateTimeOffset now) =>
        StateIn(state, now) is AccessRequestState.Draft or AccessRequestState.ConformityCheck or AccessRequestState.SupplementNeeded
            or AccessRequestState.OwnerReview or AccessRequestState.Approved;

    /// <summary>The part of an owner; null when it has none.</summary>
    public AccessRequestPart? PartOf(DepartmentId owner) => Parts.FirstOrDefault(part => part.Owner == owner);

    /// <summary>True for a department that asks, decides, checks or supervises: to others the request is not there.</summary>
    public bool Concerns(GovernanceState state, DepartmentId department)
    {
        ArgumentNullException.ThrowIfNull(state);
        return department == Requester
            || (State is not AccessRequestState.Draft && SubmitTime is not null
                && (PartOf(department) is not null || department == state.Settings.SharingAuthority || department == state.Settings.SupervisionOffice));
    }

    /// <summary>The departments that have to act now, each with its limit; the owner is null for the conformity check.</summary>
    public IEnumerable<(DepartmentId Who, DepartmentId? Owner, Clock Clock)> Waiting(GovernanceState state, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (State is AccessRequestState.ConformityCheck && Clock is { } clock)
        {
            return state.Settings.SharingAuthority is { } authority ? [(authority, null, clock)] : [];
        }

        return State is not AccessRequestState.OwnerReview ? [] :
            from part in Parts
            where part.Clock is not null && part.ClockIn(state, now) is not null
            let who = part.StateIn(state, now) is AccessRequestState.OwnerReview ? part.Owner : Requester
            select (who, (DepartmentId?)part.Owner, part.ClockIn(state, now)!.Value);
    }

    internal AccessRequest With(AccessRequestPart part) =>
        this with { Parts = [.. Parts.Select(other => other.Owner == part.Owner ? part : other)] };

    internal AccessRequest Stepped() => this with { Revision = Revision + 1 };

    /// <summary>True when both ask for the same, wherever they stand.</summary>
    internal bool AsksAs(AccessRequest other) =>
        this with
        {
            State = other.State, Parts = other.Parts, Author = other.Author, CreateTime = other.CreateTime, SubmitTime = other.SubmitTime, Clock = other.Clock,
            RejectReason = other.RejectReason, Revision = other.Revision,
        } == other;
}
