using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Records;

namespace Exchange.Server.Records.Proposals;

/// <summary>Why a step is not taken, as its append tells.</summary>
internal static class ProposalSteps
{
    private static readonly RefusalReason NotWrittenReason = new("NOT_WRITTEN", RefusalKind.FailedPrecondition);

    /// <summary>The record moved on while the step was prepared: prepare it anew.</summary>
    public static Refusal Moved { get; } = new(new RefusalReason("RECORD_BUSY", RefusalKind.Aborted), "the record changed again and again while this was decided: retry");

    /// <summary>Policies or the catalog moved on.</summary>
    public static Refusal GovernanceMoves { get; } = new(
        new RefusalReason("GOVERNANCE_MOVES", RefusalKind.Unavailable), "the catalog or its policies changed again and again while this was decided: retry");

    /// <summary>The record is not there, or was erased.</summary>
    public static Refusal Gone { get; } = new(RefusalReason.RecordNotFound, "there is no such record any more");

    /// <summary>A version that the record has not reached.</summary>
    public static Refusal NotYet { get; } = Refusal.Invalid("read_version", "OUT_OF_RANGE", "must be the `version` that the record had when its value was read");

    /// <summary>The values cannot be written as they stand.</summary>
    public static Refusal NotWritten(ImmutableArray<FieldError> errors) => new(
        NotWrittenReason, $"the hub would not take this from the owner: {string.Join("; ", errors.Select(error => $"`{error.Field}` {error.Reason}: {error.Message}"))}")
    {
        Metadata = new Dictionary<string, string> { ["field"] = errors[0].Field, ["reason"] = errors[0].Reason },
    };
}
