using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;

namespace Exchange.Server.Records.Pull;

/// <summary>The order a reader asked for: by one attribute, those without a value last, records of one value by id.</summary>
internal sealed record PullOrder(AttributeRef Attribute, bool IsDescending)
{
    private const string ByWhat = "order_by";

    /// <summary>Reads `field` or `field desc`; null for the hub's own order. A field that the reader may not filter by may not order either.</summary>
    public static Result<Option> Parse(AccessPlan plan, string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is 0)
        {
            return new Option(null);
        }

        if (words is not ([_] or [_, "asc" or "desc"]))
        {
            return Bad(text.Length, ConditionError.Syntax, "order by one field, optionally followed by `desc`");
        }

        var position = text.IndexOf(words[0], StringComparison.Ordinal);
        var schema = new FilterSchema(plan, FilterUse.Pull);
        if (!schema.TryResolve(words[0], out var attribute))
        {
            return Bad(position, ConditionError.UnknownField, $"resource `{plan.Resource.Id}` has no field of this name");
        }

        if (schema.Refuse(attribute) is { } refusal)
        {
            return Bad(position, ConditionError.UnreadableField, refusal);
        }

        return attribute.Type is FieldType.TextList or FieldType.Point
            ? Bad(position, ConditionError.WrongType, $"`{attribute.Name}` has no order")
            : new Option(new PullOrder(attribute, words is [_, "desc"]));
    }

    /// <summary>As a request would say it.</summary>
    public override string ToString() => IsDescending ? $"{Attribute.Name} desc" : Attribute.Name;

    private static Refusal Bad(int position, string reason, string message) => Refusal.Invalid(ByWhat, reason, $"at character {position}: {message}");

    /// <summary>An order, or none.</summary>
    public readonly record struct Option(PullOrder? Order);
}
