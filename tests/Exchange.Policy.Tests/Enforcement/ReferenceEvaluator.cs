using Exchange.Policy.Language;

namespace Exchange.Policy.Tests.Enforcement;

/// <summary>
/// What a decision is, in plain words and without any index: for a model with roles over subject, object and action. Written from
/// DESIGN.md section 7, not from the engine.
/// </summary>
internal sealed class ReferenceEvaluator(PolicyEffect effect, IReadOnlyList<ReferenceEvaluator.Rule> rules, IReadOnlyList<(string Name, string Role)> links)
{
    /// <summary>What evaluating a rule's condition gives.</summary>
    public enum Condition
    {
        Holds,
        DoesNotHold,
        Fails,
    }

    public sealed record Rule(string Subject, string Object, string Action, RuleEffect Effect, Condition Condition);

    /// <summary>The rules that apply to a request, in the order of the policy.</summary>
    public IReadOnlyList<Rule> Matching(string subject, string target, string action)
    {
        var matching = new List<Rule>();
        foreach (var rule in rules)
        {
            if (!Has(subject, rule.Subject))
            {
                continue;
            }

            if (rule.Object != target || rule.Action != action)
            {
                continue;
            }

            if (rule.Condition is Condition.DoesNotHold)
            {
                continue;
            }

            matching.Add(rule);
        }

        return matching;
    }

    public bool Allows(string subject, string target, string action)
    {
        var matching = Matching(subject, target, action);
        if (effect is PolicyEffect.Priority)
        {
            return FirstThatDecides(matching);
        }

        var allows = false;
        var denies = false;
        foreach (var rule in matching)
        {
            if (rule.Condition is Condition.Fails)
            {
                return false;
            }

            allows |= rule.Effect is RuleEffect.Allow;
            denies |= rule.Effect is RuleEffect.Deny;
        }

        return effect switch
        {
            PolicyEffect.AllowOverride => allows,
            PolicyEffect.DenyOverride => !denies,
            PolicyEffect.AllowAndDeny => allows && !denies,
            _ => throw new ArgumentException($"no reference for {effect}"),
        };
    }

    private static bool FirstThatDecides(IReadOnlyList<Rule> matching)
    {
        foreach (var rule in matching)
        {
            if (rule.Condition is Condition.Fails)
            {
                return false;
            }

            if (rule.Effect is not RuleEffect.Indeterminate)
            {
                return rule.Effect is RuleEffect.Allow;
            }
        }

        return false;
    }

    private bool Has(string name, string role)
    {
        var seen = new HashSet<string> { name };
        var open = new Queue<string>(seen);
        while (open.TryDequeue(out var one))
        {
            if (one == role)
            {
                return true;
            }

            foreach (var (child, parent) in links)
            {
                if (child == one && seen.Add(parent))
                {
                    open.Enqueue(parent);
                }
            }
        }

        return false;
    }
}
