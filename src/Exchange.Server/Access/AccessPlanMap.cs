using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;
using Exchange.Server.Catalog;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Access;

/// <summary>Turns access plans into messages.</summary>
internal static class AccessPlanMap
{
    /// <summary>The plan as its caller may see it: rules in their order, conditions in filter syntax.</summary>
    public static Proto.AccessPlan ToProto(this AccessPlan plan) => new()
    {
        Resource = ResourceMap.NameOf(plan.Resource.Id),
        Revision = plan.Revision,
        ExpireTime = Timestamps.Write(plan.ExpireTime),
        Fields = { plan.Fields.Select(ToProto) },
    };

    private static Proto.FieldPlan ToProto(FieldPlan field) => new()
    {
        Field = field.Field.Name,
        Rules = { field.Rules.Select(ToProto) },
        NextStep = field.NextStep,
    };

    private static Proto.PlanRule ToProto(PlanRule rule) => new()
    {
        Condition = rule.Condition is Condition.True ? "" : ConditionPrinter.Print(rule.Condition),
        Allow = rule.IsAllow,
        Mask = rule.Mask.ToProto(),
        Rules = { rule.RuleIds },
    };
}
