using System.Collections.Immutable;

namespace Exchange.Catalog.Policies;

/// <summary>Something that is probably a mistake.</summary>
/// <param name="Kind">Kind.</param>
/// <param name="Names">Names of the rows it is about, first the one to look at; for a cycle the departments or categories in it.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="NextStep">What to do about it.</param>
public sealed record PolicyFinding(PolicyFindingKind Kind, ImmutableArray<string> Names, string Message, string NextStep);
