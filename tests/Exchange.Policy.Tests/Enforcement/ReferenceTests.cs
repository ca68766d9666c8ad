using System.Collections.Immutable;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;
using static Exchange.Policy.Tests.Enforcement.ReferenceEvaluator;

namespace Exchange.Policy.Tests.Enforcement;

/// <summary>Every policy of up to 3 rules over a small vocabulary, against the reference and against itself in another order.</summary>
public sealed class ReferenceTests
{
    private static readonly (string Name, string Role)[] Links = [("ann", "admin")];
    private static readonly string[] Subjects = ["ann", "admin"];
    private static readonly string[] Targets = ["data1", "data2"];
    private static readonly PolicyAttributes Nothing = new([]);

    private static readonly Rule[] AllRules =
    [
        .. from subject in Subjects
           from target in Targets
           from effect in new[] { RuleEffect.Allow, RuleEffect.Deny }
           from condition in Enum.GetValues<Condition>()
           where condition is Condition.Holds || target == "data1"
           select new Rule(subject, target, "read", effect, condition),
        new Rule("ann", "data1", "read", RuleEffect.Indeterminate, Condition.Holds),
    ];

    [Theory]
    [InlineData(PolicyEffect.AllowOverride)]
    [InlineData(PolicyEffect.DenyOverride)]
    [InlineData(PolicyEffect.AllowAndDeny)]
    [InlineData(PolicyEffect.Priority)]
    public void Every_policy_of_up_to_three_rules_gets_the_references_answer(PolicyEffect effect)
    {
        var model = Model(effect);
        foreach (var rules in UpToThree())
        {
            var reference = new ReferenceEvaluator(effect, rules, Links);
            var engine = Engine(model, rules);
            foreach (var (subject, target) in Requests())
            {
                if (rules.Count > 0 && engine.Enforce(subject, target, "read", Nothing) != reference.Allows(subject, target, "read"))
                {
                    Assert.Fail($"{effect}: {subject} {target} with {string.Join(" | ", rules)}");
                }
            }
        }
    }

    [Theory]
    [InlineData(PolicyEffect.AllowOverride)]
    [InlineData(PolicyEffect.AllowAndDeny)]
    public void Order_does_not_matter_a_repeated_rule_is_harmless_a_deny_wins_and_nothing_is_denied_by_default(PolicyEffect effect)
    {
        var model = Model(effect);
        foreach (var rules in UpToThree())
        {
            var engine = Engine(model, rules);
            var reversed = Engine(model, [.. rules.Reverse()]);
            var doubled = Engine(model, [.. rules, .. rules]);
            foreach (var (subject, target) in Requests())
            {
                var answer = engine.Enforce(subject, target, "read", Nothing);
                var matching = new ReferenceEvaluator(effect, rules, Links).Matching(subject, target, "read");
                var denied = effect is PolicyEffect.AllowAndDeny && matching.Any(static rule => rule.Effect is RuleEffect.Deny);
                if (answer != reversed.Enforce(subject, target, "read", Nothing)
                    || answer != doubled.Enforce(subject, target, "read", Nothing)
                    || (answer && (denied || !matching.Any(static rule => rule.Effect is RuleEffect.Allow))))
                {
                    Assert.Fail($"{effect}: {subject} {target} with {string.Join(" | ", rules)}");
                }
            }
        }
    }

    private static IEnumerable<IReadOnlyList<Rule>> UpToThree()
    {
        yield return [];
        foreach (var first in AllRules)
        {
            yield return [first];
            foreach (var second in AllRules)
            {
                yield return [first, second];
                foreach (var third in AllRules)
                {
                    yield return [first, second, third];
                }
            }
        }
    }

    private static IEnumerable<(string Subject, string Target)> Requests() =>
        from subject in (string[])[.. Subjects, "bo"]
        from target in Targets
        select (subject, target);

    private static PolicyModel Model(PolicyEffect effect) => PolicyModel.Parse(Engines.Model(
        "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act && eval(p.rule)",
        "sub, obj, act, context",
        "sub, obj, act, rule, eft",
        effect switch
        {
            PolicyEffect.AllowOverride => "some(where (p.eft == allow))",
            PolicyEffect.DenyOverride => "!some(where (p.eft == deny))",
            PolicyEffect.AllowAndDeny => "some(where (p.eft == allow)) && !some(where (p.eft == deny))",
            _ => "priority(p.eft) || deny",
        })).Value!;

    private static PolicyEngine Engine(PolicyModel model, IReadOnlyList<Rule> rules)
    {
        var rows = Links.Select(static link => new PolicyRule("g", [link.Name, link.Role])).Concat(rules.Select(Row));
        return new(PolicySnapshot.Build(model, PolicyRules.Of(rows)).Value!);
    }

    private static PolicyRule Row(Rule rule) => new("p", ImmutableArray.Create(
        rule.Subject,
        rule.Object,
        rule.Action,
        rule.Condition switch { Condition.Holds => "1 < 2", Condition.DoesNotHold => "1 > 2", _ => "r.context.absent" },
        rule.Effect switch { RuleEffect.Allow => "allow", RuleEffect.Deny => "deny", _ => "other" }));
}
