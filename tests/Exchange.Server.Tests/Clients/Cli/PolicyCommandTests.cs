using Exchange.Clients.Identity;
using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Clients;

public sealed class PolicyCommandTests : IAsyncLifetime
{
    private static readonly string[] _permit =
    [
        "policy", "set", "housing-content", "--effect", "permit", "--who", "departments/housing", "--what", "resources/complaint/fields/content", "--reason", "they handle it",
    ];

    private CommandLineHub _hub = null!;
    private string[] _operator = [];
    private string[] _second = [];

    public async ValueTask InitializeAsync()
    {
        _hub = await CommandLineHub.StartAsync("client_cli_policy");
        _operator = await _hub.OperatorAsync();
        _second = await _hub.CallerAsync("hub-operator", Role.Operator);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_row_is_set_listed_explained_and_removed_and_its_history_told()
    {
        var set = await RunAsync([.. _permit, "--mask", "redact", "--actions", "read", "--condition", "r.context.purpose == \"EMERGENCY\"", "--row-filter", "district = \"east\""]);
        var listed = await RunAsync("policy", "list");
        var explained = await RunAsync("policy", "explain", "housing", "complaint", "--purpose", "emergency");
        var otherwise = await RunAsync("policy", "explain", "housing", "complaint", "--purpose", "research");
        var removed = await RunAsync("policy", "remove", "housing-content", "--reason", "handled");
        var history = await RunAsync("policy", "history", "housing-content");

        Assert.All([set, listed, explained, otherwise, removed, history], run => Assert.True(run.ExitCode is 0, run.Error));
        var row = PolicyRow.Parser.ParseJson(set.Output);
        Assert.NotEmpty(row.PendingChange);
        row.PendingChange = "";
        Assert.Equal(("policyRows/housing-content", MaskKind.Redact, PolicyAction.Read), (row.Name, row.Mask.Kind, Assert.Single(row.Actions)));
        Assert.Contains(row, Lines(listed).Select(PolicyRow.Parser.ParseJson));
        Assert.Contains(Field(explained, "content").Rules, rule => rule.Rules.Contains("housing-content"));
        Assert.DoesNotContain(Field(otherwise, "content").Rules, rule => rule.Rules.Contains("housing-content"));
        var changes = Lines(history).Select(PolicyChange.Parser.ParseJson).ToList();
        Assert.Equal([(PolicyChangeKind.Set, "they handle it"), (PolicyChangeKind.Removed, "handled")], changes.Select(change => (change.Kind, change.Reason)));
        Assert.All(changes, change => Assert.Equal(row, change.Row));
    }

    [Fact]
    public async Task A_row_asks_for_an_attribute_that_the_operator_gave_a_department_and_changed()
    {
        var given = await RunAsync("departments", "update", "housing", "--attribute", "district=east", "--attribute", "zone=2");
        var set = await RunAsync([.. _permit, "--row-filter", "district = caller.district"]);
        var mistyped = await RunAsync([.. _permit, "--row-filter", "district = caller.distict"]);
        var changed = await RunAsync("departments", "update", "housing", "--attribute", "district=west", "--attribute", "zone=");
        var explained = await RunAsync("policy", "explain", "housing", "complaint", "--purpose", "emergency");

        Assert.All([given, set, changed, explained], run => Assert.True(run.ExitCode is 0, run.Error));
        Assert.NotEqual(0, mistyped.ExitCode);
        Assert.Contains("`caller.district`", mistyped.Error);
        var (before, after) = (Department.Parser.ParseJson(given.Output), Department.Parser.ParseJson(changed.Output));
        Assert.Equal((before.DisplayName, before.Level, "west"), (after.DisplayName, after.Level, Assert.Single(after.Attributes).Value));
        Assert.Contains(Field(explained, "content").Rules, rule => rule.Rules.Contains("housing-content") && rule.Condition.Contains("district = \"west\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_is_tried_out_from_a_file_a_name_and_an_entry_of_a_sharing_list()
    {
        await RunAsync(_permit);
        await _hub.WriteAsync(
            "row.json", """{"name":"policyRows/no-titles","subject":"departments/housing","object":"resources/complaint/fields/title","actions":["POLICY_ACTION_READ"],"effect":"POLICY_EFFECT_DENY","reason":"a trial"}""");

        var set = SimulateResponse.Parser.ParseJson((await RunAsync("policy", "simulate", "--set", "row.json", "--purpose", "analysis")).Output);
        var removed = SimulateResponse.Parser.ParseJson((await RunAsync("policy", "simulate", "--remove", "housing-content", "--department", "housing")).Output);
        var shared = await RunAsync("policy", "simulate", "--share", "hotline/complaint/content=unconditional", "--department", "housing", "--resource", "complaint", "--purpose", "analysis");

        Assert.Equal(("departments/housing", "title", FieldAnswer.Withheld), (set.Changes[0].Department, set.Changes[0].Field, set.Changes[0].After.Answer));
        Assert.Contains(removed.Changes, change => change.Before.Rules.Any(rule => rule.Rules.Contains("housing-content")) && change.Field is "content");
        Assert.True(shared.ExitCode is 0, shared.Error);
        Assert.True(SimulateResponse.Parser.ParseJson(shared.Output).PlanCount is 2);
    }

    [Fact]
    public async Task People_get_tables()
    {
        await RunAsync([.. _permit, "--mask", "show-last-n:4"]);

        var listed = await PeopleAsync("policy", "list");
        var explained = await PeopleAsync("policy", "explain", "housing", "complaint", "--purpose", "gov-service");
        var simulated = await PeopleAsync("policy", "simulate", "--remove", "housing-content");
        var linted = await PeopleAsync("policy", "lint");
        var history = await PeopleAsync("policy", "history");

        Assert.Contains("permit", listed.Output);
        Assert.Contains("show-last-n:4", listed.Output);
        Assert.Contains("base/not-shared", listed.Output);
        Assert.Contains("at policy revision", explained.Output);
        Assert.Contains("withheld", explained.Output);
        Assert.Contains("plans compared", simulated.Error);
        Assert.True(linted.ExitCode is 0, linted.Error);
        Assert.Contains("they handle it", history.Output);
    }

    [Fact]
    public async Task Pushing_is_forbidden_and_explained()
    {
        var set = await RunAsync(
            "policy", "set", "no-titles", "--effect", "forbid", "--who", "*", "--what", "resources/complaint/fields/title", "--actions", "write,propose", "--reason", "frozen");
        var explained = await RunAsync("policy", "explain", "housing", "complaint", "--purpose", "gov-service", "--action", "write");
        var told = await PeopleAsync("policy", "explain", "housing", "complaint", "--purpose", "gov-service", "--action", "propose");
        var permit = await RunAsync([.. _permit, "--actions", "write"]);

        Assert.Equal([PolicyAction.Write, PolicyAction.Propose], PolicyRow.Parser.ParseJson(set.Output).Actions);
        Assert.Equal((FieldAnswer.Withheld, "FORBIDDEN"), (Field(explained, "title").Answer, Field(explained, "title").Rules[0].Reason));
        Assert.Contains("may not", told.Output);
        Assert.NotEqual(0, permit.ExitCode);
        Assert.Contains("change it in the catalog", permit.Error);
    }

    [Fact]
    public async Task Scripts_can_tell_from_the_exit_code_that_lint_found_something()
    {
        var clean = await PeopleAsync("policy", "lint");
        await RunAsync([.. _permit, "--condition", "r.caller.level == \"nowhere\""]);

        var (found, asJson) = (await PeopleAsync("policy", "lint"), await RunAsync("policy", "lint"));

        Assert.Equal((0, 6, 6), (clean.ExitCode, found.ExitCode, asJson.ExitCode));
        Assert.Contains("never matches", found.Output);
        Assert.Equal("policyRows/housing-content", Assert.Single(LintResponse.Parser.ParseJson(asJson.Output).Findings).Names[0]);
    }

    [Fact]
    public async Task What_hangs_on_the_caller_s_address_is_tried_out_from_a_named_one()
    {
        await _hub.WriteAsync(
            "office.json",
            """{"name":"policyRows/office","subject":"*","object":"resources/complaint/fields/title","actions":["POLICY_ACTION_READ"],"condition":"r.context.network != '10.1.0.7'","effect":"POLICY_EFFECT_DENY","reason":"a trial"}""");

        var unknown = await PeopleAsync("policy", "simulate", "--set", "office.json");
        var from = await RunAsync("policy", "simulate", "--set", "office.json", "--from", "10.1.0.8", "--department", "housing");

        Assert.Contains("asked for by office; name one with --from", unknown.Error);
        Assert.Equal("title", SimulateResponse.Parser.ParseJson(from.Output).Changes[0].Field);
    }

    [Fact]
    public async Task A_bad_row_names_its_parts_and_a_wrong_line_ends_with_the_code_for_it()
    {
        var bad = await PeopleAsync("policy", "set", "Bad", "--effect", "forbid", "--who", "departments/nobody", "--what", "resources/complaint", "--reason", "a trial");
        var mask = await RunAsync([.. _permit, "--mask", "velvet"]);
        var action = await RunAsync([.. _permit, "--actions", "guess"]);
        var nothing = await RunAsync("policy", "simulate");
        var purpose = await RunAsync("policy", "simulate", "--remove", "housing-content", "--purpose", "3");
        var share = await RunAsync("policy", "simulate", "--share", "hotline:complaint");
        var effect = await RunAsync([.. _permit.Take(3), "--effect", "maybe", .. _permit.Skip(5)]);
        var unknown = await RunAsync("policy", "remove", "never-was", "--reason", "a trial");

        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("policy_row.name", bad.Error);
        Assert.Contains("policy_row.subject", bad.Error);
        Assert.All([mask, action, nothing, purpose, share, effect], run => Assert.True(run.ExitCode is 2, run.Output + run.Error));
        Assert.Contains("show-last-n:4", mask.Error);
        Assert.Equal((1, "POLICY_ROW_NOT_FOUND"), (unknown.ExitCode, System.Text.Json.JsonDocument.Parse(unknown.Error).RootElement.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task A_steward_keeps_its_department_s_rows_and_a_machine_none()
    {
        var (id, key) = await _hub.Hub.RegisterKeyAsync("hotline", Role.Steward);
        var steward = Caller(id, key);
        string[] own = [.. _permit.Select(word => word is "housing-content" ? "hotline-content" : word), "--department", "hotline", "--json"];

        var set = await _hub.RunAsync(steward, own);
        var forAll = await _hub.RunAsync(steward, [.. _permit, "--json"]);
        var machine = await _hub.RunAsync(await _hub.CallerAsync("hotline"), own);

        Assert.True(set.ExitCode is 0, set.Error);
        Assert.Equal((1, 1), (forAll.ExitCode, machine.ExitCode));
        Assert.Contains("departments/hotline", forAll.Error);
        Assert.Contains("ROLE_REQUIRED", machine.Error);
    }

    private static FieldExplanation Field(CliProcess run, string field) => ExplainResponse.Parser.ParseJson(run.Output).Fields.Single(explained => explained.Field == field);

    private static string[] Lines(CliProcess run) => run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    // What is about fields of level 3 and 4 a second operator approves at once.
    private async Task<CliProcess> RunAsync(params string[] arguments)
    {
        var run = await _hub.RunAsync(_operator, [.. arguments, "--json"]);
        if (run.ExitCode is 0 && arguments is ["policy", "set" or "remove", ..] && PolicyRow.Parser.ParseJson(run.Output).PendingChange is { Length: > 0 } waiting)
        {
            var approved = await _hub.RunAsync(_second, "changes", "approve", waiting);
            Assert.True(approved.ExitCode is 0, approved.Error);
        }

        return run;
    }

    private Task<CliProcess> PeopleAsync(params string[] arguments) => _hub.RunAsync(_operator, arguments);

    private string[] Caller(string id, ClientKey key)
    {
        File.WriteAllText(_hub.PathOf(id + ".pem"), key.ToPem());
        return [_operator[0], id, _operator[2], _hub.PathOf(id + ".pem"), .. _operator[4..]];
    }
}
