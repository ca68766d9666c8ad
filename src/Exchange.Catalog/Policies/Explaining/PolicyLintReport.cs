using System.Collections.Immutable;

namespace Exchange.Catalog.Policies;

/// <summary>What a look at the policies found.</summary>
/// <param name="Findings">By kind and name.</param>
/// <param name="UntriedRows">How many rows were not tried to the end, because they reach too much, hang on the time or address of a call, or because the trees are none: of
/// them nothing is said.</param>
public sealed record PolicyLintReport(ImmutableArray<PolicyFinding> Findings, int UntriedRows);
