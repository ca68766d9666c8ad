using System.Collections.Immutable;
using Exchange.Policy.Language;

namespace Exchange.Catalog;

/// <summary>One row of policy: who may, or may not, do what with which records, and why.</summary>
public sealed record PolicyRow
{
    /// <summary>Its id.</summary>
    public required PolicyRowId Id { get; init; }

    /// <summary>
    /// The department whose steward set it: its permit counts where that department owns the field, its forbid in all
    /// resources of that department, on administering for its own stewards only. Null is the operator's, which counts everywhere.
    /// </summary>
    public DepartmentId? Department { get; init; }

    /// <summary>`*`, `departments/{id}` (with those below it), `levels/{level}`, `roles/{role}` or `users/{id}`.</summary>
    public required string Subject { get; init; }

    /// <summary>`*`, `categories/{code}` (with those below it), `resources/{id}` or `resources/{id}/fields/{name}`.</summary>
    public required string Object { get; init; }

    /// <summary>For which actions, at least one.</summary>
    public required ImmutableArray<PolicyAction> Actions { get; init; }

    /// <summary>Casbin expression over `r.caller`, `r.object` and `r.context`; empty holds always.</summary>
    public string Condition { get; init; } = "";

    /// <summary>
    /// Row filter in filter syntax without text search; it may name `record.confidential`, and as values
    /// `caller.department`, `caller.parent`, `caller.level` and attributes of departments. Empty means every row.
    /// </summary>
    public string RowFilter { get; init; } = "";

    /// <summary>Mask on what it permits; unspecified takes the owner's list's. Always unspecified where it forbids.</summary>
    public Mask Mask { get; init; }

    /// <summary>Permits or forbids; a forbid goes before every permit.</summary>
    public required RuleEffect Effect { get; init; }

    /// <summary>Why it stands, 1 to 500 characters.</summary>
    public required string Reason { get; init; }

    /// <summary>When it was set; of a base row the beginning of time.</summary>
    public DateTimeOffset CreateTime { get; init; }

    /// <inheritdoc/>
    public bool Equals(PolicyRow? other) => other is not null && CreateTime == other.CreateTime && SaysAs(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Department, Subject, Object, Condition, RowFilter, Effect);

    /// <summary>True when the other row is the same but for the time it was set.</summary>
    internal bool SaysAs(PolicyRow other) =>
        (Id, Department, Subject, Object, Condition) == (other.Id, other.Department, other.Subject, other.Object, other.Condition)
        && (RowFilter, Mask, Effect, Reason) == (other.RowFilter, other.Mask, other.Effect, other.Reason)
        && Actions.AsSpan().SequenceEqual(other.Actions.AsSpan());
}
