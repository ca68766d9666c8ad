using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Policy.Masks;
using Exchange.Server.Access;
using Exchange.Server.Access.Quotas;
using Exchange.Server.Audit;

namespace Exchange.Server.Records.Reading;

/// <summary>A plan with the fields that are wanted of it: what all reads of these have in common. Immutable.</summary>
internal sealed class RecordView
{
    // Most readers want all that they may read, again and again.
    private static readonly ConditionalWeakTable<ReadPlan, RecordView> Wholes = [];

    private readonly bool[] needed;

    private RecordView(ReadPlan plan, ImmutableArray<int> fields)
    {
        (Plan, Fields) = (plan, fields);
        var wanted = fields.ToHashSet();
        Owners = RowOwners.Of(Resource, fields);
        Quotas = GrantQuota.Of(plan.Plan, Resource, fields, Owners, []);
        needed =
        [
            .. Resource.Fields.Index().Select(field =>
                wanted.Contains(field.Index) || plan.Plan.ConditionNumbers.Contains(field.Item.Number) || Owners.Needs(field.Item.Number)),
        ];
        Needed = [.. needed.Index().Where(field => field.Item).Select(field => field.Index)];
        var masked = fields.Select(index => plan.Plan.Fields[index]).Where(field => !field.Masks.IsEmpty).ToList();
        FieldNames = [.. fields.Select(index => Resource.Fields[index].Name)];
        MaskedFields = [.. masked.Select(field => field.Field.Name)];
        Masks = [.. masked.Select(field => (field.Field.Name, field.Masks))];
    }

    /// <summary>The plan.</summary>
    public ReadPlan Plan { get; }

    /// <summary>The revision that is read under.</summary>
    public ResourceDefinition Resource => Plan.Plan.Resource;

    /// <summary>Places in the resource of the wanted fields, ascending.</summary>
    public ImmutableArray<int> Fields { get; }

    /// <summary>Places of the fields whose values are needed, for showing, for deciding or to tell owners; ascending.</summary>
    public ImmutableArray<int> Needed { get; }

    /// <summary>Who owns the wanted fields of a record.</summary>
    public RowOwners Owners { get; }

    /// <summary>The grants with a quota that a read of the wanted fields counts for.</summary>
    public ImmutableArray<GrantQuota> Quotas { get; }

    /// <summary>Names of the wanted fields.</summary>
    public IReadOnlyList<string> FieldNames { get; }

    /// <summary>Names of those of them that a mask stands on in some row.</summary>
    public IReadOnlyList<string> MaskedFields { get; }

    /// <summary>For each of <see cref="MaskedFields"/> which masks may stand on it.</summary>
    public IReadOnlyList<(string Field, ImmutableArray<Mask> Masks)> Masks { get; }

    /// <summary>The wanted fields of a plan by their names; without any, all that may be read in some row. Refused as <see cref="ReadSelection.Fields"/> tells.</summary>
    public static Result<RecordView> Of(ReadPlan plan, IReadOnlyList<string> fields)
    {
        if (fields.Count is 0 && Wholes.TryGetValue(plan, out var whole))
        {
            return whole;
        }

        var selected = ReadSelection.Fields(plan.Plan, fields);
        if (selected.IsRefused)
        {
            return selected.Refusal;
        }

        var view = new RecordView(plan, selected.Value.Sort());
        return fields.Count is 0 ? Wholes.GetValue(plan, _ => view) : view;
    }

    /// <summary>True when the value of the field of this number is needed.</summary>
    public bool Needs(int number) => Resource.IndexOf(number) is var index and >= 0 && needed[index];

    /// <summary>True when the other view shows the same of the same fields.</summary>
    public bool ShowsAs(RecordView other) => ReferenceEquals(Plan, other.Plan)
        || (ReferenceEquals(Resource, other.Resource) && Fields.SequenceEqual(other.Fields)
            && PlanDigest.Of(Plan.Plan, Fields).AsSpan().SequenceEqual(PlanDigest.Of(other.Plan.Plan, Fields)));
}
