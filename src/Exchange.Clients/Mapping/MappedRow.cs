using Exchange.Clients.Files;
using Exchange.Protos.V1;

namespace Exchange.Clients.Mapping;

/// <summary>What a row of a file became.</summary>
public sealed record MappedRow
{
    /// <summary>Number of the row, from 1.</summary>
    public required long Row { get; init; }

    /// <summary>Line of the file in which it begins.</summary>
    public required long Line { get; init; }

    /// <summary>Everything wrong with it; empty for a good row. A bad row has no parts.</summary>
    public required IReadOnlyList<RowProblem> Problems { get; init; }

    /// <summary>One entry a part of the mapping, in its order; null where the row has nothing for that part.</summary>
    public required IReadOnlyList<MappedRecord?> Parts { get; init; }
}

/// <summary>One part of a row: one department's push of one record.</summary>
/// <param name="Department">Who pushes it.</param>
/// <param name="SourceSystem">From which of its systems.</param>
/// <param name="Record">The record, values in the order of the part's fields.</param>
public sealed record MappedRecord(string Department, string SourceSystem, PushedRecord Record);
