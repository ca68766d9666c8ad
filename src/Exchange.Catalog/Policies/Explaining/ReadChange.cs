using System.Collections.Immutable;
using Exchange.Catalog.Access;

namespace Exchange.Catalog.Policies;

/// <summary>How a change of policies would have answered reads that were alike.</summary>
public sealed record ReadChange
{
    /// <summary>The reads.</summary>
    public required ReadGroup Group { get; init; }

    /// <summary>Fields that would be shown in no row.</summary>
    public ImmutableArray<string> Lost { get; init; } = [];

    /// <summary>Fields shown in no row today that would be shown.</summary>
    public ImmutableArray<string> Gained { get; init; } = [];

    /// <summary>Fields that would be shown through other masks.</summary>
    public ImmutableArray<string> Masked { get; init; } = [];

    /// <summary>Fields that would be shown in other rows.</summary>
    public ImmutableArray<string> OtherRows { get; init; } = [];

    /// <summary>True when no field may be read any more, so that the reads would be refused.</summary>
    public bool WouldBeRefused { get; init; }

    /// <summary>True when other records would be there for the reader.</summary>
    public bool RecordsChange { get; init; }

    /// <summary>The change between two plans of the reader; null when the reads would be answered alike.</summary>
    /// <param name="group">The reads.</param>
    /// <param name="before">The plan of today.</param>
    /// <param name="after">The plan with the change, of the same revision of the resource.</param>
    /// <param name="isJudged">False for a field of which cannot be told how it is answered.</param>
    internal static ReadChange? Between(ReadGroup group, AccessPlan before, AccessPlan after, Predicate<FieldDefinition> isJudged)
    {
        var judged = before.Fields.Zip(after.Fields).Where(pair => isJudged(pair.First.Field)).ToList();
        var change = group.IsRefused ? Answered(group, before, after, judged) : Otherwise(group, before, after, judged);
        return change is { Lost: [], Gained: [], Masked: [], OtherRows: [], RecordsChange: false, WouldBeRefused: false } ? null : change;
    }

    private static ReadChange Otherwise(ReadGroup group, AccessPlan before, AccessPlan after, List<(FieldPlan Before, FieldPlan After)> judged)
    {
        var read = judged.Where(pair => group.Fields.Contains(pair.Before.Field.Name)).ToList();
        var changed = read.Where(pair => !PolicyExplanation.Of(pair.Before).ShowsAs(PolicyExplanation.Of(pair.After))).ToList();
        var kept = changed.Where(pair => IsShown(pair.Before) && IsShown(pair.After)).ToList();

        // Whoever read all that it may reads all that it may then.
        var readAll = !group.IsOwnerView && before.Fields.All(field => field.IsDenied || group.Fields.Contains(field.Field.Name));
        var candidates = readAll ? judged : changed;
        return new ReadChange
        {
            Group = group,
            Lost = Names(changed.Where(pair => IsShown(pair.Before) && !IsShown(pair.After))),
            Gained = Names(candidates.Where(pair => !IsShown(pair.Before) && IsShown(pair.After))),
            Masked = Names(kept.Where(pair => !HasMasksOf(pair.Before, pair.After) || IsSame(Shown(pair.Before), Shown(pair.After)))),
            OtherRows = Names(kept.Where(pair => !IsSame(Shown(pair.Before), Shown(pair.After)))),
            WouldBeRefused = !before.IsDenied && after.IsDenied,
            RecordsChange = !group.IsOwnerView && judged.Count == before.Fields.Length && !IsSame(before.RowVisible, after.RowVisible),
        };
    }

    // What was refused and would not be today is no answer of the change.
    private static ReadChange Answered(ReadGroup group, AccessPlan before, AccessPlan after, List<(FieldPlan Before, FieldPlan After)> judged)
    {
        var isAnswered = !IsAnswered(group, before) && IsAnswered(group, after);
        return new ReadChange
        {
            Group = group,
            Gained = isAnswered
                ? Names(judged.Where(pair => (group.Fields.IsEmpty || group.Fields.Contains(pair.Before.Field.Name)) && pair.Before.IsDenied && !pair.After.IsDenied))
                : [],
        };
    }

    private static bool IsAnswered(ReadGroup group, AccessPlan plan) =>
        !plan.IsDenied && group.Fields.All(name => plan.Resource.IndexOf(name) is var index and >= 0 && !plan.Fields[index].IsDenied);

    private static bool IsShown(FieldPlan field) => Shown(field) is not Condition.False;

    private static Condition Shown(FieldPlan field) => field.ShownAs(mask => mask.Kind is not MaskKind.Null);

    private static bool HasMasksOf(FieldPlan one, FieldPlan other) =>
        one.Masks.ToHashSet().SetEquals(other.Masks) && one.AllowedUnmasked is Condition.False == other.AllowedUnmasked is Condition.False;

    private static bool IsSame(Condition one, Condition other) => ConditionLogic.Implies(one, other) && ConditionLogic.Implies(other, one);

    private static ImmutableArray<string> Names(IEnumerable<(FieldPlan Before, FieldPlan After)> fields) => [.. fields.Select(pair => pair.Before.Field.Name)];
}
