using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>What one owner decides of an access request.</summary>
public sealed record AccessRequestPart
{
    /// <summary>The owner.</summary>
    public required DepartmentId Owner { get; init; }

    /// <summary>Names of its fields that are asked for.</summary>
    public required ValueList<string> Fields { get; init; }

    /// <summary>Where it was left; once a grant is offered see <see cref="StateIn"/>.</summary>
    public AccessRequestState State { get; init; } = AccessRequestState.OwnerReview;

    /// <summary>Limit of who has to act; null when nobody has.</summary>
    public Clock? Clock { get; init; }

    /// <summary>Why it was rejected, handed over, or not approved whole; empty otherwise.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What the owner asked last.</summary>
    public string Question { get; init; } = "";

    /// <summary>What the requester answered last.</summary>
    public string Answer { get; init; } = "";

    /// <summary>Names of the fields that were approved.</summary>
    public ValueList<string> ApprovedFields { get; init; }

    /// <summary>The grant that was offered; null before.</summary>
    public GrantId? Grant { get; init; }

    /// <summary>Department it was handed over to; null unless it was.</summary>
    public DepartmentId? HandedOverTo { get; init; }

    /// <summary>Who decided it; null before.</summary>
    public ClientId? Decider { get; init; }

    /// <summary>Where it stands: once a grant is offered as the grant does.</summary>
    public AccessRequestState StateIn(GovernanceState state, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Grant is { } grant ? state.Grants[grant.Value].StateAt(now) switch
        {
            GrantState.Offered => AccessRequestState.Approved,
            GrantState.Pending => AccessRequestState.Provisioning,
            GrantState.Active => AccessRequestState.Active,
            GrantState.Expired => AccessRequestState.Expired,
            GrantState.Revoked => AccessRequestState.Revoked,
            _ => AccessRequestState.Withdrawn,
        }
        : State;
    }

    /// <summary>The limit that runs now; null when nobody has to act.</summary>
    public Clock? ClockIn(GovernanceState state, DateTimeOffset now) =>
        StateIn(state, now) is AccessRequestState.OwnerReview or AccessRequestState.SupplementNeeded or AccessRequestState.Approved ? Clock : null;
}
