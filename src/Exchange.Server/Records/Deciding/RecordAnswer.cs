using System.Collections.Immutable;
using Exchange.Catalog.Records;

namespace Exchange.Server.Records.Deciding;

/// <summary>What became of one pushed record.</summary>
/// <param name="Outcome">Outcome.</param>
/// <param name="Version">The record's version after this; 0 when the caller is not told.</param>
/// <param name="Errors">Why; empty where there is nothing to say.</param>
internal readonly record struct RecordAnswer(RecordOutcome Outcome, long Version, ImmutableArray<FieldError> Errors);
