using System.Globalization;
using System.Text;
using Exchange.Policy.Matchers;

namespace Exchange.Bench.Policies;

/// <summary>The shapes of Casbin's own benchmarks. Requests hit rules about every second time.</summary>
internal static class PolicyShapes
{
    private const int Asked = 1_024;

    private const string SomeAllow = "some(where (p.eft == allow))";

    // All twelve hold the same object and action: no index can leave one out.
    private static readonly string[] Conditions =
    [
        "r.sub.Age > 18 && r.sub.Age < 66, data1, read, allow", "r.sub.Department == 'roads' || r.sub.Department == 'water', data1, read, allow", "r.sub.Level >= 2, data1, read, allow",
        "r.sub.Name == 'ann', data1, read, allow", "r.sub.Age > 30 && r.sub.Level >= 3, data1, read, allow", "r.sub.Level + 1 < 5, data1, read, allow",
        "r.sub.Age >= 90, data1, read, deny", "r.sub.Level > 4, data1, read, deny", "r.sub.Department == 'closed', data1, read, deny",
        "r.sub.Age < 18 && r.sub.Level == 4, data1, read, deny", "!(r.sub.Age > 0), data1, read, deny", "r.sub.Name == 'nobody' && r.sub.Department != 'roads', data1, read, deny",
    ];

    /// <summary>Every shape; the largest take a few seconds to make.</summary>
    public static IEnumerable<PolicyShape> All()
    {
        yield return Small();
        yield return Roles("rbac-1k", 100, 1_000) with { Nanoseconds = 150, OverCasbin = 10 };
        yield return Roles("rbac-10k", 1_000, 10_000) with { Nanoseconds = 200, OverScan = 100, OverCasbin = 1_000 };
        yield return Roles("rbac-100k", 10_000, 100_000);
        yield return Rules("rules-100k", 100_000);
        yield return Attributes();
        yield return Evaluated();
        yield return HubShape.Make(Asked);
    }

    // Casbin's rbac_model.conf and rbac_policy.csv.
    private static PolicyShape Small() => new(
        "rbac-small",
        Model("sub, obj, act", "sub, obj, act", "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act", SomeAllow, "[role_definition]\ng = _, _"),
        "p, alice, data1, read\np, bob, data2, write\np, data2_admin, data2, read\np, data2_admin, data2, write\ng, alice, data2_admin\n",
        [
            .. from user in (string[])["alice", "bob", "carol"]
               from target in (string[])["data1", "data2"]
               from action in (string[])["read", "write"]
               select new PolicyValue[] { Copy(user), Copy(target), Copy(action) },
        ])
    {
        Nanoseconds = 150,
        OverCasbin = 10,
    };

    // Ten roles share an object and ten users a role, as in Casbin's benchmarks.
    private static PolicyShape Roles(string name, int roles, int users)
    {
        var policy = new StringBuilder();
        for (var role = 0; role < roles; role++)
        {
            policy.Append(CultureInfo.InvariantCulture, $"p, group{role}, data{role / 10}, read\n");
        }

        for (var user = 0; user < users; user++)
        {
            policy.Append(CultureInfo.InvariantCulture, $"g, user{user}, group{user / 10}\n");
        }

        var random = new Random(roles);
        var requests = Enumerable.Range(0, Asked).Select(i =>
        {
            var user = random.Next(users);
            var target = i % 2 is 0 ? user / 100 : random.Next(roles / 10);
            return new PolicyValue[] { $"user{user}", $"data{target}", Copy("read") };
        });
        return new(name, Model("sub, obj, act", "sub, obj, act", "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act", SomeAllow, "[role_definition]\ng = _, _"), policy.ToString(), [.. requests]);
    }

    private static PolicyShape Rules(string name, int rules)
    {
        var policy = new StringBuilder();
        for (var rule = 0; rule < rules; rule++)
        {
            policy.Append(CultureInfo.InvariantCulture, $"p, user{rule / 10}, data{rule % 1000}, {(rule % 3 is 0 ? "write" : "read")}\n");
        }

        var random = new Random(rules);
        var requests = Enumerable.Range(0, Asked).Select(_ =>
        {
            var rule = random.Next(rules);
            return new PolicyValue[] { $"user{rule / 10}", $"data{rule % 1000}", Copy(random.Next(2) is 0 ? "write" : "read") };
        });
        return new(name, Model("sub, obj, act", "sub, obj, act", "r.sub == p.sub && r.obj == p.obj && r.act == p.act", SomeAllow), policy.ToString(), [.. requests]);
    }

    // Casbin's abac_model.conf; it has no policy.
    private static PolicyShape Attributes() => new(
        "abac",
        Model("sub, obj, act", "sub, obj, act", "r.sub == r.obj.Owner", SomeAllow),
        "# none\n",
        [.. Enumerable.Range(0, 64).Select(static i => new PolicyValue[] { Copy(i % 2 is 0 ? "alice" : "bob"), PolicyValue.Of(new BenchDocument("data1", Copy("alice"))), Copy("read") })])
    {
        OverCasbin = 10,
    };

    private static PolicyShape Evaluated()
    {
        var random = new Random(12);
        string[] names = ["ann", "bo", "cy", "nobody"];
        string[] departments = ["roads", "water", "parks", "closed"];
        return new(
            "eval-12",
            Model("sub, obj, act", "rule, obj, act, eft", "eval(p.rule) && r.obj == p.obj && r.act == p.act", "!some(where (p.eft == deny))"),
            string.Concat(Conditions.Select(static condition => $"p, {condition}\n")),
            [
                .. Enumerable.Range(0, Asked).Select(_ => new PolicyValue[]
                {
                    PolicyValue.Of(new BenchSubject(Copy(names[random.Next(4)]), random.Next(5, 80), random.Next(1, 5), Copy(departments[random.Next(3)]))), Copy("data1"), Copy("read"),
                }),
            ])
        {
            Nanoseconds = 300,
        };
    }

    private static string Model(string request, string policy, string matcher, string effect, string roles = "") => $"""
        [request_definition]
        r = {request}
        [policy_definition]
        p = {policy}
        {roles}
        [policy_effect]
        e = {effect}
        [matchers]
        m = {matcher}
        """;

    // A text of its own, as one that came over the wire.
    private static string Copy(string text) => new(text.AsSpan());
}
