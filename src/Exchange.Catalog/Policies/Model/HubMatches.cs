using System.Collections.Immutable;
using Exchange.Policy.Matchers;

namespace Exchange.Catalog.Policies;

/// <summary>What the hub's rows say of one caller, one field of one owner's records, one action.</summary>
/// <param name="Rows">All rows that match, in the order of the policy.</param>
/// <param name="FailedRow">The row that failed first; empty when the request itself was at fault, null when nothing failed.</param>
/// <param name="Failure">What failed; then everything is denied.</param>
public readonly record struct HubMatches(ImmutableArray<PolicyRow> Rows, PolicyRowId? FailedRow, PolicyFailure? Failure);
