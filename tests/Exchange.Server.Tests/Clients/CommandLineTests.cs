using Exchange.Clients.Identity;
using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Clients;

public sealed class CommandLineTests : IAsyncLifetime
{
    private const string Mapping = """
        mapping: 1
        resource: complaint
        time_zone: Asia/Shanghai
        departments: {hotline: hotline-tickets, housing: housing-cases}
        parts:
          - name: intake
            department: hotline
            id: no
            fields:
              record_no: no
              channel: {value: HOTLINE_12345}
              accepted_at: {column: at, formats: ["yyyy-MM-dd HH:mm"]}
              title: title
              responsible_department: {column: office, codes: {H: housing}}
          - name: handling
            department_field: responsible_department
            opened_as: intake
            fields:
              status: {column: status, codes: {done: CONCLUDED}}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("cli-").FullName;
    private ClientHub _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await ClientHub.StartAsync("client_cli");
        await File.WriteAllTextAsync(Path.Combine(_folder, "m.yaml"), Mapping, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "tickets.csv"),
            "no,at,title,office,status\n1,2024-05-01 08:00,小区漏水,H,done\n2,2024-05-01 09:00,路灯不亮,,\n3,soon,坏行,H,done\n4,2024-05-01 10:00,=1+1,H,\n",
            TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_file_is_pushed_pulled_followed_and_looked_up()
    {
        var hotline = await CallerAsync("hotline");
        var housing = await CallerAsync("housing");
        var supervision = await CallerAsync("supervision-office");

        var intake = await RunAsync(hotline, "push", "tickets.csv", "-m", "m.yaml", "--part", "intake", "--json");
        var handling = await RunAsync(housing, "push", "tickets.csv", "-m", "m.yaml", "--part", "handling", "--json");
        var again = await RunAsync(hotline, "push", "tickets.csv", "-m", "m.yaml", "--part", "intake", "--json");
        var pulled = await RunAsync(supervision, "pull", "complaint", "--purpose", "regulation", "--fields", "record_no,title,status", "--order-by", "record_no", "--format", "csv", "--spreadsheet");
        var found = await RunAsync(supervision, "pull", "complaint", "--purpose", "regulation", "--filter", "title:\"漏水\"", "--fields", "record_no,status");
        var followed = await RunAsync(supervision, "follow", "complaint", "--purpose", "regulation", "--from-beginning", "--until-caught-up");

        Assert.Equal((4, 4, 3, 0), (intake.ExitCode, Number(intake, "read"), Number(intake, "accepted"), Number(intake, "unchanged")));
        Assert.Equal(1, intake.Json[0].GetProperty("rejected").GetProperty("INVALID_TIME").GetInt32());
        Assert.Equal("row,line,column,reason,message", (await File.ReadAllLinesAsync(Path.Combine(_folder, "tickets.csv.rejects.csv"), TestContext.Current.CancellationToken))[0]);
        Assert.Equal(1, Number(handling, "accepted"));
        Assert.Equal((0, 3), (Number(again, "accepted"), Number(again, "unchanged")));
        Assert.Equal(["title"], pulled.Output.Split('\n')[0].Split(',').Where(c => c == "title"));
        Assert.Contains(",1,小区漏水,CONCLUDED\n", pulled.Output);
        Assert.Contains(",4,'=1+1,\n", pulled.Output.Replace("\"", "", StringComparison.Ordinal));
        Assert.Equal("1", Assert.Single(found.Json).GetProperty("record_no").GetString());
        Assert.Equal((0, 4), (followed.ExitCode, followed.Json.Count));
        await LookUpAsync(supervision, found.Json[0].GetProperty("_record_id").GetString()!);
    }

    [Fact]
    public async Task A_feed_with_a_batch_missing_ends_with_the_exit_code_for_it()
    {
        var supervision = await CallerAsync("supervision-office");
        var (hotline, housing) = (await CallerAsync("hotline"), await CallerAsync("housing"));
        Assert.Equal(3, Number(await RunAsync(hotline, "push", "tickets.csv", "-m", "m.yaml", "--part", "intake", "--json"), "accepted"));
        await using var proxy = await DroppingProxy.StartAsync(_hub.Hub.Node.Addresses.Grpc, 1);

        var following = RunAsync(supervision, "follow", "complaint", "--purpose", "regulation", "--from-beginning", "--until-caught-up", "--hub", proxy.Address.ToString());
        await proxy.Dropped.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await RunAsync(housing, "push", "tickets.csv", "-m", "m.yaml", "--part", "handling");
        var robbed = await following;

        Assert.True(robbed.ExitCode == 5, robbed.Output + robbed.Error);
        Assert.Contains("NOT proven", robbed.Error);
    }

    [Fact]
    public async Task Exit_codes_tell_usage_refusal_and_absence_apart()
    {
        var hotline = await CallerAsync("hotline");
        var stranger = hotline.Select(a => a == hotline[1] ? "nobody" : a).ToArray();

        Assert.Equal(2, (await RunAsync(hotline, "pull", "complaint")).ExitCode);
        Assert.Equal(2, (await RunAsync(hotline, "push", "tickets.csv", "-m", "m.yaml")).ExitCode);
        Assert.Equal(1, (await RunAsync(stranger, "catalog", "list")).ExitCode);
        Assert.Equal(3, (await RunAsync(hotline, "catalog", "list", "--hub", "http://127.0.0.1:1", "--token-endpoint", "http://127.0.0.1:1/connect/token")).ExitCode);
        var refused = await RunAsync(hotline, "departments", "create", "new-one", "--name", "New", "--level", "city", "--json");
        Assert.Equal(1, refused.ExitCode);
        Assert.Empty(refused.Output);
        Assert.Contains("\"error\":\"ROLE_REQUIRED\"", refused.Error);
    }

    [Fact]
    public async Task A_broken_mapping_is_told_with_line_key_and_fix()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "bad.yaml"), Mapping.Replace("title: title", "titel: title", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var run = await RunAsync(await CallerAsync("hotline"), "push", "tickets.csv", "-m", "bad.yaml", "--part", "intake");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("bad.yaml:13: `parts[0].fields.titel`", run.Error);
    }

    [Fact]
    public async Task A_file_without_a_mapped_column_is_refused_and_nothing_is_pushed()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "short.csv"), "no,at\n1,2024-05-01 08:00\n", TestContext.Current.CancellationToken);

        var run = await RunAsync(await CallerAsync("hotline"), "push", "short.csv", "-m", "m.yaml", "--part", "intake");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("`title`", run.Error);
    }

    [Fact]
    public async Task Operators_register_clients_and_read_the_log()
    {
        var operatorCaller = Caller("operator", ClientKey.FromPem(await File.ReadAllTextAsync(Path.Combine(_hub.Hub.Options.DataDirectory, "operator-key.pem"), TestContext.Current.CancellationToken)));
        var key = await CliProcess.RunAsync(_folder, "token", "new-key", "new.pem");
        await File.WriteAllTextAsync(Path.Combine(_folder, "new.jwks"), key.Output, TestContext.Current.CancellationToken);

        var created = await RunAsync(operatorCaller, "clients", "create", "housing", "housing-new", "--jwks", "new.jwks", "--json");
        var token = await RunAsync([.. operatorCaller[..1], "housing-new", "--key", "new.pem", .. operatorCaller[4..]], "token", "get");
        var verified = await RunAsync(operatorCaller, "log", "verify", "--json");
        var events = await RunAsync(operatorCaller, "log", "show", "1000", "--limit", "3", "--json");
        var shown = await RunAsync(operatorCaller, "catalog", "show", "complaint", "--json");

        Assert.Equal(0, created.ExitCode);
        Assert.Equal(3, token.Output.Trim().Split('.').Length);
        Assert.True(verified.ExitCode == 0, verified.Error);
        Assert.True(events.ExitCode == 0, events.Error);
        Assert.All(verified.Json[0].GetProperty("partitions").EnumerateArray(), p => Assert.True(p.GetProperty("intact").GetBoolean()));
        Assert.Equal(3, events.Json.Count);
        Assert.Equal("resources/complaint", shown.Json[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Completion_suggests_commands_and_options()
    {
        var commands = await CliProcess.RunAsync(_folder, "[suggest:11]", "exchange pu");
        var script = await CliProcess.RunAsync(_folder, "completion", "bash");

        Assert.Contains("push", commands.Output);
        Assert.Contains("pull", commands.Output);
        Assert.Contains("complete -o default -F", script.Output);
    }

    private async Task LookUpAsync(string[] caller, string record)
    {
        var got = await RunAsync(caller, "get", $"complaint/{record}", "--purpose", "regulation", "--json");
        var history = await RunAsync(caller, "history", $"complaint/{record}", "--purpose", "regulation", "--json");
        var plan = await RunAsync(caller, "plan", "complaint", "--purpose", "regulation", "--json");

        Assert.Contains(got.Json[0].GetProperty("values").EnumerateArray(), v => v.GetProperty("field").GetString() == "title");
        Assert.Contains(history.Json, h => h.GetProperty("field").GetString() == "status" && h.GetProperty("department").GetString() == "housing");
        Assert.Contains(plan.Json[0].GetProperty("fields").EnumerateArray(), f => f.GetProperty("field").GetString() == "content");
    }

    private static int Number(CliProcess run, string name) => run.Json[0].GetProperty(name).GetInt32();

    private Task<CliProcess> RunAsync(string[] caller, params string[] arguments) =>
        CliProcess.RunAsync(_folder, [.. arguments, .. arguments.Contains("--hub") ? caller.SkipLast(arguments.Contains("--token-endpoint") ? 4 : 2) : caller]);

    private async Task<string[]> CallerAsync(string department)
    {
        var (id, key) = await _hub.RegisterKeyAsync(department, Role.DepartmentSystem);
        return Caller(id, key);
    }

    /// <summary>Options that say who calls and where; the address last.</summary>
    private string[] Caller(string id, ClientKey key)
    {
        var file = Path.Combine(_folder, id + ".pem");
        File.WriteAllText(file, key.ToPem());
        return ["--client", id, "--key", file, "--token-endpoint", _hub.Hub.Node.Addresses.TokenEndpoint, "--hub", _hub.Hub.Node.Addresses.Grpc.ToString()];
    }
}
