using System.Collections.Immutable;
using Exchange.Policy.Models;
using Exchange.Policy.Roles;

namespace Exchange.Policy.Enforcement;

/// <summary>The rules of one type in the order in which they are looked at, with their effects.</summary>
internal sealed class RuleSet
{
    private RuleSet(ModelDefinition definition, ImmutableArray<PolicyRule> rules)
    {
        Rules = rules;
        var column = definition.IndexOf("eft");
        Effects = [.. rules.Select(rule => column < 0 ? RuleEffect.Allow : EffectOf(rule.Values[column]))];
    }

    public ImmutableArray<PolicyRule> Rules { get; }

    public ImmutableArray<RuleEffect> Effects { get; }

    public static RuleSet Create(ModelDefinition definition, IEnumerable<PolicyRule> rules, SubjectLevels? levels)
    {
        var priority = definition.IndexOf("priority");
        var (subject, domain) = (definition.IndexOf("sub"), definition.IndexOf("dom"));
        var ordered = rules;
        if (priority >= 0)
        {
            ordered = ordered.OrderBy(rule => int.TryParse(rule.Values[priority], out var value)
                ? value
                : throw new RefusedException(rule.PositionOf(priority), $"a priority is a whole number, not `{rule.Values[priority]}`"));
        }

        if (levels is not null && subject >= 0)
        {
            ordered = ordered.OrderByDescending(rule => levels.Of(domain < 0 ? "" : rule.Values[domain], rule.Values[subject]));
        }

        return new(definition, [.. ordered]);
    }

    // An empty effect allows, as in Casbin.
    private static RuleEffect EffectOf(string text) => text switch
    {
        "allow" or "" => RuleEffect.Allow,
        "deny" => RuleEffect.Deny,
        _ => RuleEffect.Indeterminate,
    };
}
