using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;

namespace Exchange.Server.Access;

/// <summary>Checks what a reader asks for against its plan: every complaint at once.</summary>
internal static class ReadSelection
{
    private const int MostFields = 200;
    private const int MostNamed = 20;

    /// <summary>
    /// Places in the resource of the wanted fields, in the order of the request; without any, of all that may be read in some row. Unknown and
    /// repeated names make a bad request; of known ones that may not be read, each comes with its next step.
    /// </summary>
    public static Result<ImmutableArray<int>> Fields(AccessPlan plan, IReadOnlyList<string> names)
    {
        if (plan.IsDenied)
        {
            return Denied(plan, plan.Fields);
        }

        if (names.Count is 0)
        {
            return ImmutableArray.CreateRange(plan.Fields.Index().Where(item => !item.Item.IsDenied).Select(item => item.Index));
        }

        List<FieldViolation> violations = [];
        List<FieldViolation> unreadable = [];
        var indexes = ImmutableArray.CreateBuilder<int>();
        if (names.Count > MostFields)
        {
            violations.Add(new("fields", "COUNT", $"name at most {MostFields} fields"));
        }

        foreach (var (position, name) in names.Index().Take(MostFields))
        {
            var index = plan.Resource.IndexOf(name);
            if (index < 0)
            {
                violations.Add(new($"fields[{position}]", ConditionError.UnknownField, $"resource `{plan.Resource.Id}` has no field of this name"));
            }
            else if (indexes.Contains(index))
            {
                violations.Add(new($"fields[{position}]", "DUPLICATE", $"`{name}` stands here twice"));
            }
            else
            {
                indexes.Add(index);
                if (plan.Fields[index] is { IsDenied: true } denied)
                {
                    unreadable.Add(new($"fields[{position}]", ConditionError.UnreadableField, denied.NextStep));
                }
            }
        }

        if (violations.Count > 0)
        {
            return Refusal.Invalid([.. violations, .. unreadable]);
        }

        return unreadable.Count > 0
            ? Denied(plan, [.. indexes.Select(index => plan.Fields[index]).Where(field => field.IsDenied)])
            : indexes.ToImmutable();
    }

    /// <summary>The reader's filter, or all that is wrong with it: positions, unknown fields, wrong types, and fields it may not filter by.</summary>
    public static Result<Condition> Filter(AccessPlan plan, string filter, FilterUse use)
    {
        var parse = ConditionParser.Parse(filter, new FilterSchema(plan, use));
        return parse.IsValid
            ? parse.Condition
            : Refusal.Invalid([.. parse.Errors.Select(error => new FieldViolation(
                "filter", error.Reason, $"at character {error.Position}: {error.Message}{(use is FilterUse.Follow ? NextStep(error.Reason) : "")}"))]);
    }

    private static string NextStep(string reason) =>
        reason is ConditionError.NotSearchable ? "; a feed takes no text search: follow without it, from a pull without it" : "";

    private static Refusal Denied(AccessPlan plan, ImmutableArray<FieldPlan> fields) =>
        new(ReadReasons.ReadDenied, $"`{plan.Caller}` may not read {Names(fields)} of `{plan.Resource.Id}`: {NextSteps(fields)}")
        {
            Metadata = new Dictionary<string, string>
            {
                ["resource"] = plan.Resource.Id.Value,
                ["fields"] = string.Join(',', fields.Take(MostNamed).Select(field => field.Field.Name)),
                ["rules"] = string.Join(',', fields.SelectMany(field => field.Rules).SelectMany(rule => rule.RuleIds).Distinct().Order(StringComparer.Ordinal)),
            },
            Violations = [.. fields.Select(field => new FieldViolation(field.Field.Name, field.Rules is [var only, ..] ? only.Reason : PlanReason.DefaultDeny, field.NextStep))],
        };

    private static string Names(ImmutableArray<FieldPlan> fields) =>
        fields.Length <= 5 ? string.Join(", ", fields.Select(field => $"`{field.Field.Name}`")) : $"`{fields[0].Field.Name}` and {fields.Length - 1} more fields";

    private static string NextSteps(ImmutableArray<FieldPlan> fields) => fields.Select(field => field.NextStep).Distinct().Take(3).Aggregate((some, more) => $"{some}; {more}");
}
