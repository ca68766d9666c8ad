using System.Collections.Immutable;
using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;
using Exchange.Server.Access;
using Exchange.Server.Catalog;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Pull;

/// <summary>A pull under its plan: which fields of which rows, in which order.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Fields">Places of the fields in the plan's resource, in the order of the request.</param>
/// <param name="Filter">The reader's filter.</param>
/// <param name="Order">The reader's order; null for the hub's own.</param>
internal sealed record PullView(ReadPlan Plan, ImmutableArray<int> Fields, Condition Filter, PullOrder? Order)
{
    /// <summary>The columns, as the reader is told them.</summary>
    public IEnumerable<Proto.Column> Columns => Fields.Select(index => Column(Plan.Plan.Fields[index]));

    /// <summary>The fields that a mask stands on in some row.</summary>
    public IEnumerable<FieldPlan> MaskedFields => Fields.Select(index => Plan.Plan.Fields[index]).Where(plan => !plan.Masks.IsEmpty);

    /// <summary>Numbers of what the filter and the order look at.</summary>
    public IReadOnlyCollection<int> Looked { get; } =
        Order is null ? ConditionForm.AttributeNumbers(Filter) : ConditionForm.AttributeNumbers(Filter).Add(Order.Attribute.Number);

    /// <summary>Stands for what the plan shows of the fields.</summary>
    public byte[] Digest { get; } = PlanDigest.Of(Plan.Plan, Fields);

    private static Proto.Column Column(FieldPlan plan) => new()
    {
        Field = plan.Field.Name,
        Number = plan.Field.Number,
        Type = (Proto.FieldType)(int)plan.Field.Type,
        Masks = { plan.Masks.Select(ResourceMap.ToProto) },
    };
}
