using Exchange.Catalog.Policies;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Language;
using Exchange.Policy.Tests.Differential;
using Exchange.Testing.Access;

namespace Exchange.Catalog.Tests.Policies;

/// <summary>The hub's model and base rows, with rows and trees of random cities, as the npm package `casbin` decides them.</summary>
public sealed class HubModelCasbinTests
{
    private const int Cities = 60;
    private const int RequestsPerCity = 150;

    // Where an expression fails, or `in` stands beside `&&`, both are known to differ (docs/casbin.md).
    private static readonly string[] KnownToDiffer =
        ["r.object.level > r.caller.level", "r.object.owner == 'dep-d' && r.object.level > 'high'", "r.caller.role in ('steward', 'department-system')", RandomRows.AsksForZone];

    [Fact]
    public async Task The_hubs_model_loads_in_another_casbin_and_decides_the_same()
    {
        using var casbin = CasbinProcess.Start();
        if (casbin is null)
        {
            Assert.Skip("the npm package `casbin` is not installed in tests/npm");
        }

        var (decisions, allowed) = (0, 0);
        for (var seed = 0; seed < Cities; seed++)
        {
            var city = new RandomCity(seed);
            var policy = new HubPolicy(
                city.State.Departments, city.State.Resources, city.State.Categories, city.State.PolicyRows.RemoveRange(
                    city.State.PolicyRows.Values.Where(row => KnownToDiffer.Contains(row.Condition)).Select(row => row.Id.Value)));
            var others = policy.Snapshot.Policy.Rows.Except(PolicyRules.Parse(HubModel.PolicyText).Value!.Rows);
            var random = new Random(seed);
            var one = new PolicyCase(
                "hub", HubModel.ModelText, $"{HubModel.PolicyText}\n{string.Join('\n', others)}", [.. Enumerable.Range(0, RequestsPerCity).Select(_ => Request(random, city))]);
            var engine = new PolicyEngine(PolicySnapshot.Build(PolicyModel.Parse(one.Model).Value!, PolicyRules.Parse(one.Policy).Value!).Value!);

            var ours = string.Concat(one.Requests.Select(request => engine.Enforce(PolicyCase.Values(request)) ? '1' : '0'));

            Assert.Equal(await casbin.AskAsync(one, TestContext.Current.CancellationToken), ours);
            decisions += ours.Length;
            allowed += ours.Count(answer => answer is '1');
        }

        Assert.InRange(allowed, decisions / 20, decisions * 19 / 20);
    }

    [Fact]
    public async Task Another_casbin_decides_the_base_rows_alone_as_they_read()
    {
        using var casbin = CasbinProcess.Start();
        if (casbin is null)
        {
            Assert.Skip("the npm package `casbin` is not installed in tests/npm");
        }

        const string Links = "g, me, *\ng2, it, *";
        object[][] requests =
        [
            Asked("unconditional"), Asked("conditional"), Asked("conditional", granted: true), Asked("not-shared", granted: true), Asked("not-shared", owner: "own"),
            Asked("conditional", owner: "own"), Asked("unconditional", person: true), Asked("unconditional", role: "steward"), Asked("unconditional", action: "write"),
            Asked("unconditional", owner: "own", action: "write"), Asked("not-shared", action: "propose"), Asked("unconditional", owner: "own", action: "propose"),
            Asked("unconditional", owner: "own", role: "steward", action: "write"), Asked("conditional", owner: "own", role: "steward", action: "administer"),
            Asked("conditional", role: "steward", action: "administer"), Asked("conditional", role: "operator", action: "administer"), Asked("conditional", action: "administer"),
        ];

        Assert.Equal("10101100011001010", await casbin.AskAsync(new("base", HubModel.ModelText, $"{HubModel.PolicyText}\n{Links}", requests), TestContext.Current.CancellationToken));
    }

    private static object[] Asked(string sharing, bool granted = false, string owner = "other", bool person = false, string role = "department-system", string action = "read") =>
    [
        new Dictionary<string, object> { ["name"] = "me", ["department"] = "own", ["role"] = role },
        new Dictionary<string, object> { ["name"] = "it", ["owner"] = owner, ["department"] = "keeper", ["sharing"] = sharing, ["granted"] = granted, ["person"] = person },
        action,
        new Dictionary<string, object>(),
    ];

    private static object[] Request(Random random, RandomCity city)
    {
        var department = city.State.Departments[Pick(random, RandomCity.Departments).Value];
        var role = Pick(random, ["department-system", "department-system", "department-system", "operator"]);
        var field = Pick(random, [.. city.Definition.Fields]);
        return
        [
            new Dictionary<string, object>
            {
                ["name"] = $"callers/{department.Id}/{role}", ["department"] = department.Id.Value, ["parent"] = department.Parent?.Value ?? "",
                ["level"] = department.Level.ToString().ToLowerInvariant(), ["role"] = role,
            },
            new Dictionary<string, object>
            {
                ["name"] = $"resources/complaint/fields/{field.Name}", ["resource"] = "complaint", ["field"] = field.Name,
                ["owner"] = Pick(random, ["", .. RandomCity.Departments.Select(owner => owner.Value)]), ["department"] = "dep-a", ["level"] = random.Next(1, 5),
                ["sharing"] = Pick(random, ["unconditional", "unconditional", "conditional", "not-shared"]), ["open"] = "not-open",
                ["person"] = random.Next(4) is 0, ["granted"] = random.Next(2) is 0,
            },
            Pick(random, ["read", "follow", "read", "follow", "write", "propose", "administer"]),
            new Dictionary<string, object>
            {
                ["purpose"] = Pick(random, ["GOV_SERVICE", "ANALYSIS"]), ["channel"] = "grpc", ["network"] = Pick(random, ["127.1.2.3", "192.0.2.1"]), ["time"] = "12:00", ["date"] = "2026-03-02",
            },
        ];
    }

    private static T Pick<T>(Random random, T[] items) => items[random.Next(items.Length)];
}
