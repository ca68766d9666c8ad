using System.Collections.Immutable;
using System.Globalization;
using Exchange.Policy.Language;
using Exchange.Policy.Roles;

namespace Exchange.Policy.Enforcement;

/// <summary>The rules of one type in the order in which they are looked at, with their effects.</summary>
internal sealed class RuleSet
{
    private RuleSet(ModelDefinition definition, ImmutableArray<PolicyRule> rules)
    {
        Rules = rules;
        var column = definition.IndexOf("eft");
        Effects = [.. rules.Select(rule => column < 0 ? RuleEffect.Allow : EffectOf(rule, column))];
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
            ordered = ordered.OrderBy(rule => int.TryParse(rule.Values[priority], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new RefusedException(rule.PositionOf(priority), $"a priority is a whole number, not `{rule.Values[priority]}`"));
        }

        if (levels is not null && subject >= 0)
        {
            ordered = ordered.OrderByDescending(rule => levels.Of(domain < 0 ? "" : rule.Values[domain], rule.Values[subject]));
        }

        return new(definition, [.. ordered]);
    }

    // Casbin takes an empty effect for `allow` and any other word for none, also a misspelt `deny`.
    private static RuleEffect EffectOf(PolicyRule rule, int column) => rule.Values[column] switch
    {
        "allow" => RuleEffect.Allow,
        "deny" => RuleEffect.Deny,
        "" => throw new RefusedException(rule.PositionOf(column), "an effect is empty; write `allow` or `deny`"),
        var text when IsNearly(text, "allow") || IsNearly(text, "deny") => throw new RefusedException(rule.PositionOf(column), $"`{text}` is nearly an effect; write `allow` or `deny`, or a word unlike them for a rule that decides nothing"),
        _ => RuleEffect.Indeterminate,
    };

    // Begins like it, or has at most two letters added, left out or exchanged, whatever their case.
    private static bool IsNearly(string text, string word)
    {
        if (text.StartsWith(word[..3], StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (Math.Abs(text.Length - word.Length) > 2)
        {
            return false;
        }

        var distances = Enumerable.Range(0, word.Length + 1).ToArray();
        for (var i = 1; i <= text.Length; i++)
        {
            var diagonal = distances[0];
            distances[0] = i;
            for (var j = 1; j <= word.Length; j++)
            {
                var replaced = diagonal + (char.ToLowerInvariant(text[i - 1]) == word[j - 1] ? 0 : 1);
                diagonal = distances[j];
                distances[j] = Math.Min(replaced, 1 + Math.Min(distances[j], distances[j - 1]));
            }
        }

        return distances[^1] <= 2;
    }
}
