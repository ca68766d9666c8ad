using System.Collections.Immutable;

namespace Exchange.Catalog.Records;

/// <summary>A suggestion to one owner about fields of one record, without its values.</summary>
public sealed record Proposal
{
    /// <summary>The record's version that the proposal made: its id in the record.</summary>
    public required long Version { get; init; }

    /// <summary>True when it disputes a value.</summary>
    public required bool IsDispute { get; init; }

    /// <summary>Department that made it.</summary>
    public required DepartmentId Proposer { get; init; }

    /// <summary>Department that owns the fields now; null while nobody does.</summary>
    public required DepartmentId? Owner { get; init; }

    /// <summary>Numbers of the fields.</summary>
    public required ImmutableArray<int> Fields { get; init; }

    /// <summary>State.</summary>
    public required ProposalState State { get; init; }

    /// <summary>When it lapses.</summary>
    public required DateTimeOffset DueTime { get; init; }
}
