using System.Text;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Tests.Enforcement;

/// <summary>Makes random matchers whose terms choose, compute and fail, with rules, and requests whose values are missing, null, numbers or objects.</summary>
internal sealed class MatcherCases(Random random)
{
    private static readonly string[] Effects =
    [
        "some(where (p.eft == allow))",
        "!some(where (p.eft == deny))",
        "some(where (p.eft == allow)) && !some(where (p.eft == deny))",
        "priority(p.eft) || deny",
    ];

    private static readonly string[] Names = ["ann", "bo", "admin", "staff", "gold", "basic", "x1", "x0", "1", "0", "1.0", "-0", "2", "10.0.0.1", "true", ""];
    private static readonly string[] Columns = ["p.sub", "p.obj", "p.act", "p.tier"];
    private static readonly string[] Attributes = ["vip", "name", "level", "blocked"];

    /// <summary>A model with all values of requests texts or objects with attributes, and a policy for it.</summary>
    public (string Model, string Policy) Next()
    {
        var hasEffect = random.Next(3) > 0;
        var model = $"""
            [request_definition]
            r = sub, obj, act, env
            [policy_definition]
            p = sub, obj, act, tier{(hasEffect ? ", eft" : "")}
            [role_definition]
            g = _, _
            g2 = _, _, _
            [policy_effect]
            e = {Pick(Effects)}
            [matchers]
            m = {(random.Next(6) == 0 ? $"({Either(5)}) && ({Either(4)}) && {Term()}" : random.Next(20) == 0 ? Either(20) : Expression(3))}
            """;
        var policy = new StringBuilder();
        for (var i = random.Next(1, 7); i > 0; i--)
        {
            policy.Append($"p, {Pick(Names)}, {Pick(Names)}, {Pick(Names)}, {Pick(Names)}{(hasEffect ? ", " + Pick(["allow", "allow", "deny", "other"]) : "")}\n");
        }

        for (var i = random.Next(4); i > 0; i--)
        {
            policy.Append($"g, {Pick(Names)}, {Pick(Names)}\ng2, {Pick(Names)}, {Pick(Names)}, {Pick(Names)}\n");
        }

        return (model, policy.ToString());
    }

    /// <summary>A request: mostly texts, sometimes nothing, a number, a truth value, a list or an object.</summary>
    public PolicyValue[] Request() => [Given(), Given(), Given(), random.Next(4) == 0 ? Given() : Environment()];

    private string Expression(int depth) => depth == 0 ? Term() : random.Next(8) switch
    {
        0 or 1 or 2 => $"{Expression(depth - 1)} && {Expression(depth - 1)}",
        3 or 4 => $"({Expression(depth - 1)} || {Expression(depth - 1)})",
        5 => $"!({Expression(depth - 1)})",
        6 => $"({Expression(depth - 1)} ? {Term()} : {Term()})",
        _ => Term(),
    };

    private string Either(int terms) => string.Join(" || ", Enumerable.Range(0, terms).Select(_ => Term()));

    private string Term() => random.Next(18) switch
    {
        0 or 1 or 2 => $"{Value()} == {Pick(Columns)}",
        3 => $"{Pick(Columns)} {Pick(["==", "==="])} {Value()}",
        4 => $"{Value()} {Pick(["!=", "!==", "==="])} {Pick(Columns)}",
        5 or 6 or 7 => $"g({Value()}, {Pick(Columns)})",
        8 or 9 => $"g2({Value()}, {Pick(Columns)}, {Pick([Pick(Columns), Value()])})",
        10 => $"({Value()} in ({Value()}, 'bo', {Pick(Columns)}))",
        11 => $"({Pick(["'ann'", Value(), Pick(Columns)])} in {Pick([Request1(), "r.env"])})",
        12 => $"{Value()} {Pick(["<", ">="])} {Pick(["3", "'c'", Value(), Pick(Columns)])}",
        13 => $"{Pick(["keyMatch", "keyMatch2", "regexMatch", "globMatch"])}({Value()}, {Pick(["'a*'", Pick(Columns)])})",
        14 => $"ipMatch({Value()}, '10.0.0.0/8')",
        15 => $"{Pick(Columns)} {Pick(["==", "!="])} '{Pick(Names)}'",
        16 => Value(),
        _ => $"{Pick(Columns)} > {Pick(["3", "'b'"])}",
    };

    private string Value() => random.Next(12) switch
    {
        0 or 1 or 2 or 3 or 4 => Request1(),
        5 => $"r.env.{Pick(Attributes)}",
        6 => $"(r.env.{Pick(Attributes)} ? 'gold' : 'basic')",
        7 => $"({Request1()} == '{Pick(Names)}' ? {Request1()} : r.env.{Pick(Attributes)})",
        8 => $"'x' + r.env.{Pick(Attributes)}",
        9 => $"({Request1()} + 0)",
        10 => $"keyGet({Request1()}, 'a*')",
        _ => Pick(["'ann'", "'gold'", "1", "true", $"r.env.{Pick(Attributes)} + 1"]),
    };

    private string Request1() => Pick(["r.sub", "r.obj", "r.act"]);

    private PolicyValue Given() => random.Next(20) switch
    {
        0 => default,
        1 => random.Next(3),
        2 => random.Next(2) == 0,
        3 => new PolicyValue[] { Pick(Names), Pick(Names), 1 },
        4 => Environment(),
        5 => (string?)null,
        _ => Pick(Names),
    };

    private PolicyValue Environment() => new PolicyAttributes(Attributes.Where(_ => random.Next(3) > 0).Select(name => KeyValuePair.Create(name, random.Next(6) switch
    {
        0 => random.Next(3),
        1 => default,
        2 => random.Next(2) == 0,
        _ => (PolicyValue)Pick(Names),
    })));

    private string Pick(string[] values) => values[random.Next(values.Length)];
}
