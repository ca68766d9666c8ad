using Exchange.Catalog.Access;
using Exchange.Catalog.Policies;
using Exchange.Policy.Conditions;
using Exchange.Server.Catalog;
using Exchange.Server.Departments;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Policies;

/// <summary>Turns explanations, changed answers and findings into messages.</summary>
internal static class PolicyExplanationMap
{
    /// <summary>The explanation as a message.</summary>
    public static Proto.FieldExplanation ToProto(this PolicyExplanation explanation) => new()
    {
        Field = explanation.Field.Name,
        Answer = (Proto.FieldAnswer)explanation.Answer,
        Rules = { explanation.Rules.Select(ToProto) },
        NextStep = explanation.NextStep,
    };

    /// <summary>The changed answer as a message.</summary>
    public static Proto.AnswerChange ToProto(this AnswerChange change) => new()
    {
        Department = DepartmentMap.NameOf(change.Department),
        Resource = ResourceMap.NameOf(change.Resource),
        Field = change.Before.Field.Name,
        Action = (Proto.PolicyAction)change.Action.ToPolicyAction(),
        Purposes = { change.Purposes.Select(purpose => (Proto.Purpose)purpose) },
        Before = change.Before.ToProto(),
        After = change.After.ToProto(),
    };

    /// <summary>The finding as a message.</summary>
    public static Proto.PolicyFinding ToProto(this PolicyFinding finding) => new()
    {
        Kind = (Proto.PolicyFindingKind)finding.Kind,
        Names = { finding.Names },
        Message = finding.Message,
        NextStep = finding.NextStep,
    };

    private static Proto.RuleExplanation ToProto(PlanRule rule) => new()
    {
        Condition = rule.Condition is Condition.True ? "" : ConditionPrinter.Print(rule.Condition),
        Effect = PolicyRowMap.ToProto(rule.Effect),
        Mask = rule.Mask.ToProto(),
        Rules = { rule.RuleIds },
        Reason = rule.Reason,
    };
}
