using System.Collections.Immutable;
using Exchange.Catalog.Access;

namespace Exchange.Catalog.Policies;

/// <summary>An answer that a change of policies would change.</summary>
/// <param name="Department">Who reads.</param>
/// <param name="Resource">Of which resource.</param>
/// <param name="Action">How: <see cref="PlanAction.Pull"/> stands for every read that has no action of its own.</param>
/// <param name="Purposes">The purposes for which it changes so.</param>
/// <param name="Before">The answer so far; tells the field.</param>
/// <param name="After">The answer with the change.</param>
public sealed record AnswerChange(
    DepartmentId Department, ResourceId Resource, PlanAction Action, ImmutableArray<Purpose> Purposes, PolicyExplanation Before, PolicyExplanation After);
