using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Exchange.Server.Tests.Clients;

public sealed class CommandLineTests : IAsyncLifetime
{
    private CommandLineHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await CommandLineHub.StartAsync("client_cli");

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_file_is_pushed_pulled_followed_and_looked_up()
    {
        var hotline = await _hub.CallerAsync("hotline");
        var housing = await _hub.CallerAsync("housing");
        var supervision = await _hub.CallerAsync("supervision-office");

        var intake = await _hub.RunAsync(hotline, "push", "tickets.csv", "-m", "m.yaml", "--part", "intake", "--json");
        var handling = await _hub.RunAsync(housing, "push", "tickets.csv", "-m", "m.yaml", "--part", "handling", "--json");
        var again = await _hub.RunAsync(hotline, "push", "tickets.csv", "-m", "m.yaml", "--part", "intake", "--json");
        var pulled = await _hub.RunAsync(supervision, "pull", "complaint", "--purpose", "regulation", "--fields", "record_no,title,status", "--order-by", "record_no", "--format", "csv", "--spreadsheet");
        var found = await _hub.RunAsync(supervision, "pull", "complaint", "--purpose", "regulation", "--filter", "title:\"漏水\"", "--fields", "record_no,status");
        var followed = await _hub.RunAsync(supervision, "follow", "complaint", "--purpose", "regulation", "--from-beginning", "--until-caught-up");

        Assert.Equal((4, 4, 3, 0), (intake.ExitCode, Number(intake, "read"), Number(intake, "accepted"), Number(intake, "unchanged")));
        Assert.Equal(1, intake.Json[0].GetProperty("rejected").GetProperty("INVALID_TIME").GetInt32());
        Assert.Equal("row,line,column,reason,message", (await _hub.LinesOfAsync("tickets.csv.rejects.csv"))[0]);
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
        var supervision = await _hub.CallerAsync("supervision-office");
        var (hotline, housing) = (await _hub.CallerAsync("hotline"), await _hub.CallerAsync("housing"));
        Assert.Equal(3, Number(await _hub.RunAsync(hotline, "push", "tickets.csv", "-m", "m.yaml", "--part", "intake", "--json"), "accepted"));
        await using var proxy = await DroppingProxy.StartAsync(_hub.Hub.Hub.Node.Addresses.Grpc, 1);

        var following = _hub.RunAsync(supervision, "follow", "complaint", "--purpose", "regulation", "--from-beginning", "--until-caught-up", "--hub", proxy.Address.ToString());
        await proxy.Dropped.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await _hub.RunAsync(housing, "push", "tickets.csv", "-m", "m.yaml", "--part", "handling");
        var robbed = await following;

        Assert.True(robbed.ExitCode == 5, robbed.Output + robbed.Error);
        Assert.Contains("NOT proven", robbed.Error);
    }

    [Fact]
    public async Task Exit_codes_tell_usage_refusal_and_absence_apart()
    {
        var hotline = await _hub.CallerAsync("hotline");
        var stranger = hotline.Select(a => a == hotline[1] ? "nobody" : a).ToArray();

        Assert.Equal(2, (await _hub.RunAsync(hotline, "pull", "complaint")).ExitCode);
        Assert.Equal(2, (await _hub.RunAsync(hotline, "push", "tickets.csv", "-m", "m.yaml")).ExitCode);
        Assert.Equal(1, (await _hub.RunAsync(stranger, "catalog", "list")).ExitCode);
        Assert.Equal(3, (await _hub.RunAsync(hotline, "catalog", "list", "--hub", "http://127.0.0.1:1", "--token-endpoint", "http://127.0.0.1:1/connect/token")).ExitCode);
        var refused = await _hub.RunAsync(hotline, "departments", "create", "new-one", "--name", "New", "--level", "city", "--json");
        Assert.Equal(1, refused.ExitCode);
        Assert.Empty(refused.Output);
        Assert.Contains("\"error\":\"ROLE_REQUIRED\"", refused.Error);
    }

    [Fact]
    public async Task A_broken_mapping_is_told_with_line_key_and_fix()
    {
        await _hub.WriteAsync("bad.yaml", CommandLineHub.Mapping.Replace("title: title", "titel: title", StringComparison.Ordinal));

        var run = await _hub.RunAsync(await _hub.CallerAsync("hotline"), "push", "tickets.csv", "-m", "bad.yaml", "--part", "intake");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("bad.yaml:13: `parts[0].fields.titel`", run.Error);
    }

    [Fact]
    public async Task Operators_register_clients_and_read_the_log()
    {
        var operatorCaller = await _hub.OperatorAsync();
        var key = await CliProcess.RunAsync(_hub.Folder, "token", "new-key", "new.pem");
        await _hub.WriteAsync("new.jwks", key.Output);

        var created = await _hub.RunAsync(operatorCaller, "identity", "clients", "create", "housing", "housing-new", "--jwks", "new.jwks", "--json");
        var token = await _hub.RunAsync([.. operatorCaller[..1], "housing-new", "--key", "new.pem", .. operatorCaller[4..]], "token", "get");
        var verified = await _hub.RunAsync(operatorCaller, "log", "verify", "--json");
        var events = await _hub.RunAsync(operatorCaller, "log", "show", "1000", "--limit", "3", "--json");
        var shown = await _hub.RunAsync(operatorCaller, "catalog", "show", "complaint", "--json");

        Assert.Equal(0, created.ExitCode);
        Assert.Equal(3, token.Output.Trim().Split('.').Length);
        Assert.True(verified.ExitCode == 0, verified.Error);
        Assert.True(events.ExitCode == 0, events.Error);
        Assert.All(verified.Json[0].GetProperty("partitions").EnumerateArray(), p => Assert.True(p.GetProperty("intact").GetBoolean()));
        Assert.Equal(3, events.Json.Count);
        Assert.Equal("resources/complaint", shown.Json[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Whoever_was_refused_shows_by_address_and_reason()
    {
        var operatorCaller = await _hub.OperatorAsync();
        var refused = _hub.Hub.Hub.Services.GetRequiredService<Exchange.Server.Identity.RefusedRequests>();
        refused.Add("10.0.0.7", "TOKEN_INVALID");
        refused.Add("10.0.0.8", "TOKEN_MISSING");
        await refused.WriteAsync();

        var all = await _hub.RunAsync(operatorCaller, "audit", "refused", "--json", "--since", "2026-01-31T08:00:00Z");
        var one = await _hub.RunAsync(operatorCaller, "audit", "refused", "--address", "10.0.0.7");

        Assert.True(all.ExitCode == 0, all.Error);
        Assert.Equal(["10.0.0.7", "10.0.0.8"], all.Json.Select(count => count.GetProperty("address").GetString()).Order());
        Assert.Contains("TOKEN_INVALID", one.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("TOKEN_MISSING", one.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_read_what_is_found_by_what_the_options_say()
    {
        var (operatorCaller, hotline) = (await _hub.OperatorAsync(), await _hub.CallerAsync("hotline"));
        var pulled = await _hub.RunAsync(hotline, "pull", "complaint", "--purpose", "analysis", "--fields", "title");

        var found = await _hub.RunAsync(
            operatorCaller, "audit", "list", "--json", "--department", "hotline", "--resource", "complaint", "--field", "title", "--by", hotline[1], "--purpose", "analysis",
            "--action", "pull", "--outcome", "OK", "--since", "2026-01-31T08:00:00Z", "--until", "2126-01-31T08:00:00Z");
        var people = await _hub.RunAsync(operatorCaller, "audit", "--action", "pull");
        var unfinished = await _hub.RunAsync(operatorCaller, "audit", "list", "--json", "--unfinished");
        var owned = await _hub.RunAsync(operatorCaller, "audit", "list", "--json", "--owner", "hotline");
        var wrong = await _hub.RunAsync(operatorCaller, "audit", "list", "--field", "title");

        Assert.All([pulled, found, people, unfinished, owned], run => Assert.True(run.ExitCode is 0, run.Error));
        Assert.Equal(("pull", "departments/hotline"), (found.Json.Single().GetProperty("action").GetString(), found.Json.Single().GetProperty("department").GetString()));
        Assert.Contains("hotline", people.Output, StringComparison.Ordinal);
        Assert.Equal((0, 0), (unfinished.Json.Count, owned.Json.Count));
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("say of which resource the field is", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completion_asks_the_program_that_was_typed_for_commands_and_options()
    {
        // As in a checkout: a script of that name in the folder, and none on PATH.
        await _hub.WriteAsync("exchange", $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "exchange.dll")}' \"$@\"\n");
        var json = await CliProcess.RunAsync(_hub.Folder, "completion", "bash", "--json");
        await _hub.WriteAsync("completion.bash", json.Json[0].GetProperty("script").GetString()!);

        Assert.Equal("bash", json.Json[0].GetProperty("shell").GetString());
        Assert.Equal(["pull", "push"], await CompleteAsync("./exchange pu"));
        Assert.Subset((await CompleteAsync("./exchange ")).ToHashSet(), new HashSet<string> { "demo", "serve", "test", "bench", "follow" });
        Assert.Equal(["--purpose"], await CompleteAsync("./exchange push FILE --pur"));
        Assert.Contains("public-service", await CompleteAsync("./exchange push FILE --purpose "));
    }

    /// <summary>What bash offers for a line, asked as readline asks: through the function that the script registered for the command.</summary>
    private async Task<string[]> CompleteAsync(string line)
    {
        const string Ask = """
            chmod u+x exchange
            . ./completion.bash
            COMP_LINE=$1; COMP_POINT=${#1}; read -ra COMP_WORDS <<<"$1"
            [[ $1 == *' ' ]] && COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            registered=$(complete -p exchange); registered=${registered#*-F }
            "${registered%% *}" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        using var bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "-c", Ask, "bash", line]) { WorkingDirectory = _hub.Folder, RedirectStandardOutput = true })!;
        var offered = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        return offered.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private async Task LookUpAsync(string[] caller, string record)
    {
        var got = await _hub.RunAsync(caller, "get", $"complaint/{record}", "--purpose", "regulation", "--json");
        var history = await _hub.RunAsync(caller, "history", $"complaint/{record}", "--purpose", "regulation", "--json");
        var plan = await _hub.RunAsync(caller, "plan", "complaint", "--purpose", "regulation", "--json");

        Assert.Contains(got.Json[0].GetProperty("values").EnumerateArray(), v => v.GetProperty("field").GetString() == "title");
        Assert.Contains(history.Json, h => h.GetProperty("field").GetString() == "status" && h.GetProperty("department").GetString() == "housing");
        Assert.Contains(plan.Json[0].GetProperty("fields").EnumerateArray(), f => f.GetProperty("field").GetString() == "content");
    }

    private static int Number(CliProcess run, string name) => run.Json[0].GetProperty(name).GetInt32();
}
