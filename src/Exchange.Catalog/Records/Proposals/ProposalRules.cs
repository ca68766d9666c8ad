using System.Collections.Immutable;

namespace Exchange.Catalog.Records;

/// <summary>Decides the steps of proposals: who may take them, when, and what they need. Who may know of a proposal is asked before.</summary>
public static class ProposalRules
{
    /// <summary>Most characters of a reason.</summary>
    public const int LongestReason = 500;

    /// <summary>The value was written after the proposal was made.</summary>
    public static readonly RefusalReason ValueChanged = new("VALUE_CHANGED", RefusalKind.FailedPrecondition);

    /// <summary>The record is at another version than the one decided on.</summary>
    public static readonly RefusalReason StaleVersion = new("STALE_VERSION", RefusalKind.Aborted);

    /// <summary>No such proposal, or none that the caller may know of.</summary>
    public static readonly RefusalReason ProposalNotFound = new("PROPOSAL_NOT_FOUND", RefusalKind.NotFound);

    /// <summary>Of absent and hidden ones alike.</summary>
    public static Refusal NotFound(string name) =>
        new(ProposalNotFound, $"there is no proposal `{name}` that you may see") { Metadata = new Dictionary<string, string> { ["proposal"] = name } };

    /// <summary>Both sides of it: systems and stewards of the owner and of who made it.</summary>
    public static bool IsSide(Proposal proposal, Caller caller) => IsOwner(proposal, caller) || IsProposer(proposal, caller);

    /// <summary>Both sides, the operator and auditors.</summary>
    public static bool MaySee(Proposal proposal, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Role is Role.Operator or Role.Auditor || IsSide(proposal, caller);
    }

    /// <summary>Accepts the fields of these numbers, all of them when none is named. Null when that may be done.</summary>
    /// <param name="proposal">The proposal as it stands.</param>
    /// <param name="caller">Who decides.</param>
    /// <param name="fields">Fields to accept.</param>
    /// <param name="changed">Fields of the proposal that were written after it was made, by number.</param>
    /// <param name="named">Version that the caller names as the one it decides on; 0 for none.</param>
    /// <param name="current">Version that the record is at.</param>
    /// <param name="now">When it is decided.</param>
    public static Refusal? Accept(
        Proposal proposal, Caller caller, ImmutableArray<int> fields, IReadOnlyCollection<int> changed, long named, long current, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(changed);
        if ((RequireOpen(proposal, now) ?? RequireOwner(proposal, caller)) is { } refusal)
        {
            return refusal;
        }

        if (fields.IsDefaultOrEmpty || fields.Except(proposal.Fields).Any())
        {
            return Refusal.Invalid("fields", "UNKNOWN_FIELD", "name fields of the proposal, or none to accept all");
        }

        if (named > 0 && named != current)
        {
            return new Refusal(StaleVersion, $"the record is at version {current}, not {named}: read the proposal again and decide on what is there now");
        }

        return named is 0 && changed.Intersect(fields).Any()
            ? new Refusal(ValueChanged, $"a value was written after this was proposed: look at the record, then name `record_version` {current} to accept all the same")
            {
                Metadata = new Dictionary<string, string> { ["record_version"] = $"{current}" },
            }
            : null;
    }

    /// <summary>Declines. Null when that may be done.</summary>
    public static Refusal? Decline(Proposal proposal, Caller caller, string reason, DateTimeOffset now) =>
        RequireOpen(proposal, now) ?? RequireOwner(proposal, caller) ?? RequireReason(reason, atLeast: 1);

    /// <summary>Takes back. Null when that may be done.</summary>
    public static Refusal? Withdraw(Proposal proposal, Caller caller, DateTimeOffset now) => RequireOpen(proposal, now) ?? (IsProposer(proposal, caller)
        ? null
        : new Refusal(RefusalReason.NotOwnDepartment, $"`{proposal.Proposer}` made it and alone takes it back: decline it instead"));

    /// <summary>Lets it lapse. Null when its time is over.</summary>
    public static Refusal? Lapse(Proposal proposal, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        return proposal.State is ProposalState.Open && now >= proposal.DueTime ? null : new Refusal(RefusalReason.WrongState, "the proposal does not lapse now");
    }

    /// <summary>A text that tells why. Null when it may stand.</summary>
    public static Refusal? RequireReason(string reason, int atLeast)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return reason.Trim().Length < atLeast || reason.Length > LongestReason || reason.Contains('\0', StringComparison.Ordinal)
            ? Refusal.Invalid("reason", "LENGTH", $"say why in {atLeast} to {LongestReason} characters")
            : null;
    }

    private static Refusal? RequireOpen(Proposal proposal, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        var state = proposal.State is ProposalState.Open && now >= proposal.DueTime ? ProposalState.Lapsed : proposal.State;
        return state is ProposalState.Open
            ? null
            : new Refusal(RefusalReason.WrongState, $"the proposal is {state.ToString().ToUpperInvariant()} and stays so: a new one may be made")
            {
                Metadata = new Dictionary<string, string> { ["state"] = state.ToString().ToUpperInvariant() },
            };
    }

    private static Refusal? RequireOwner(Proposal proposal, Caller caller) => IsOwner(proposal, caller)
        ? null
        : new Refusal(RefusalReason.NotOwnDepartment, "the owner of the fields decides on it: a steward or system of that department");

    private static bool IsOwner(Proposal proposal, Caller caller) => Acts(caller) && proposal.Owner == caller.Department;

    private static bool IsProposer(Proposal proposal, Caller caller) => Acts(caller) && proposal.Proposer == caller.Department;

    private static bool Acts(Caller caller) => caller.Role is Role.Steward or Role.DepartmentSystem;
}
