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
        yield return Hub();
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

    // As the hub's own model: three role relations, three kinds of authors, a condition per row. 4 000 rows of 200 departments.
    private static PolicyShape Hub()
    {
        const string Matcher = "g(r.caller.name, p.subject) && g2(r.object.name, p.object) && g3(r.action, p.action) && "
            + "(p.owner == '*' || (p.eft == 'allow' && p.owner == r.object.owner) || (p.eft == 'deny' && p.owner == r.object.department)) && eval(p.condition)";
        var random = new Random(200);
        var policy = new StringBuilder("""
            p, *, *, *, reading, r.caller.role != 'department-system', deny
            p, *, *, *, reading, r.object.owner == r.caller.department, allow
            p, *, *, *, reading, r.object.sharing == 'unconditional' && !r.object.granted, allow
            p, *, *, *, reading, r.object.granted, allow
            p, *, *, *, reading, r.object.sharing == 'not-shared' && r.object.owner != r.caller.department, deny
            g3, read, reading
            g3, follow, reading

            """);
        for (var department = 0; department < 200; department++)
        {
            policy.Append(CultureInfo.InvariantCulture, $"g, caller{department}, department{department}\ng, caller{department}, *\n");
            policy.Append(department is 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"g, department{department}, department{department / 10}\n"));
        }

        for (var field = 0; field < 1_000; field++)
        {
            policy.Append(CultureInfo.InvariantCulture, $"g2, field{field}, resource{field / 10}\n");
        }

        for (var resource = 0; resource < 100; resource++)
        {
            policy.Append(CultureInfo.InvariantCulture, $"g2, resource{resource}, category{resource % 12}\ng2, resource{resource}, *\n");
        }

        for (var row = 0; row < 4_000; row++)
        {
            var (owner, subject) = (row % 5 is 0 ? "*" : $"department{random.Next(200)}", row % 10 is 0 ? "*" : $"department{random.Next(200)}");
            var target = (row % 3) switch { 0 => $"field{random.Next(1_000)}", 1 => $"resource{random.Next(100)}", _ => $"field{random.Next(1_000)}" };
            var condition = (row % 4) switch { 0 => "true", 1 => "r.context.purpose == 'GOV_SERVICE'", 2 => "r.object.level >= 3", _ => "r.caller.level == 'city' && r.context.channel == 'grpc'" };
            policy.Append(CultureInfo.InvariantCulture, $"p, {owner}, {subject}, {target}, reading, {condition}, {(row % 3 is 0 ? "deny" : "allow")}\n");
        }

        return new(
            "hub-4k",
            Model("caller, object, action, context", "owner, subject, object, action, condition, eft", Matcher, SomeAllow + " && !some(where (p.eft == deny))", "[role_definition]\ng = _, _\ng2 = _, _\ng3 = _, _"),
            policy.ToString(),
            [
                .. Enumerable.Range(0, Asked).Select(_ =>
                {
                    var (department, field) = (random.Next(200), random.Next(1_000));
                    return new PolicyValue[]
                    {
                        PolicyValue.Of(new BenchCaller($"caller{department}", $"department{department}", Copy("city"), Copy("department-system"))),
                        PolicyValue.Of(new BenchField($"field{field}", $"department{random.Next(200)}", $"department{field / 10 % 200}", random.Next(1, 5), Copy(random.Next(2) is 0 ? "unconditional" : "conditional"), random.Next(4) is 0)),
                        Copy("read"),
                        PolicyValue.Of(new BenchContext(Copy("GOV_SERVICE"), Copy("grpc"))),
                    };
                }),
            ]);
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
