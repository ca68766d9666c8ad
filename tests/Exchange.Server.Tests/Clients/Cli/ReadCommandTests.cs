using System.Diagnostics;
using System.Text.Json;

namespace Exchange.Server.Tests.Clients;

public sealed class ReadCommandTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private CommandLineHub _hub = null!;
    private string[] _supervision = [];

    public async ValueTask InitializeAsync()
    {
        _hub = await CommandLineHub.StartAsync("client_cli_read");
        _supervision = await _hub.CallerAsync("supervision-office");
        var pushed = await _hub.RunAsync(await _hub.CallerAsync("hotline"), "push", "tickets.csv", "-m", "m.yaml", "--part", "intake");
        Assert.True(pushed.ExitCode == 4, pushed.Error);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task With_json_standard_output_holds_json_only_and_the_summary_is_there_too()
    {
        string[] pull = ["pull", "complaint", "--purpose", "regulation", "--fields", "record_no", "--json"];
        string[] follow = ["follow", "complaint", "--purpose", "regulation", "--from-beginning", "--until-caught-up", "--json"];

        foreach (var command in new[] { pull, follow })
        {
            var csv = await _hub.RunAsync(_supervision, [.. command, "--format", "csv"]);
            Assert.Equal((2, ""), (csv.ExitCode, csv.Output));
            Assert.Contains("--output", JsonDocument.Parse(csv.Error).RootElement.GetProperty("message").GetString());
        }

        var rows = await _hub.RunAsync(_supervision, pull);
        var changes = await _hub.RunAsync(_supervision, follow);
        var intoFile = await _hub.RunAsync(_supervision, [.. pull, "--format", "csv", "-o", "rows.txt"]);

        Assert.Equal((3, 3), (rows.Json.Count, changes.Json.Count));
        Assert.Equal(3, Summary(rows.Error).GetProperty("pulled").GetInt32());
        Assert.True(Summary(changes.Error).GetProperty("coverage_proven").GetBoolean());
        Assert.Equal(3, Assert.Single(intoFile.Json).GetProperty("pulled").GetInt32());
        Assert.StartsWith("_record_id,_version,record_no", (await _hub.LinesOfAsync("rows.txt"))[0]);
    }

    [Fact]
    public async Task A_full_disk_and_a_reader_that_has_gone_are_no_usage_errors()
    {
        var full = await _hub.RunAsync(_supervision, "pull", "complaint", "--purpose", "regulation", "-o", "/dev/full", "--json");
        var nowhere = await _hub.RunAsync(_supervision, "pull", "complaint", "--purpose", "regulation", "-o", "no/such/folder/rows.jsonl");
        var both = await _hub.RunAsync(_supervision, "get", "complaint/00112233-4455-6677-8899-aabbccddeeff", "--purpose", "regulation", "--as-of-position", "3", "--as-of-time", "2024-05-01T00:00:00Z");
        var gone = await ShellAsync($"{{ {Quoted(["pull", "complaint", "--purpose", "regulation", .. _supervision])}; echo $? >code; }} | :; cat code");

        Assert.Equal((1, 2, 2), (full.ExitCode, nowhere.ExitCode, both.ExitCode));
        Assert.Contains("\"error\":\"IO\"", full.Error);
        Assert.Contains("not both", both.Error);
        Assert.Equal("1", gone.Trim());
    }

    [Fact]
    public async Task A_packed_file_of_changes_goes_on_where_it_ended_and_is_read_as_one()
    {
        string[] follow = ["follow", "complaint", "--purpose", "regulation", "--until-caught-up", "--checkpoint-file", "at.json", "-o", "changes.jsonl.gz"];
        var first = await _hub.RunAsync(_supervision, [.. follow, "--from-beginning"]);
        await _hub.WriteAsync("more.csv", "no,at,title,office,status\n5,2024-05-01 08:00,小区漏水,H,done\n");
        await _hub.RunAsync(await _hub.CallerAsync("hotline"), "push", "more.csv", "-m", "m.yaml", "--part", "intake");
        var second = await _hub.RunAsync(_supervision, follow);

        var read = await ShellAsync("zcat changes.jsonl.gz");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(4, read.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("_record_id").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task A_follower_from_which_a_batch_is_kept_says_so_and_stores_no_checkpoint_behind_the_gap()
    {
        await using var proxy = await DroppingProxy.StartAsync(_hub.Hub.Hub.Node.Addresses.Grpc, 1);
        string[] follow = ["follow", "complaint", "--purpose", "regulation", "--from-beginning", "--json", "-o", "changes.jsonl", "--checkpoint-file", "at.json"];

        var following = _hub.RunAsync(_supervision, [.. follow, "--hub", proxy.Address.ToString()]);
        await proxy.Dropped.WaitAsync(_patience, TestContext.Current.CancellationToken);
        await _hub.RunAsync(await _hub.CallerAsync("housing"), "push", "tickets.csv", "-m", "m.yaml", "--part", "handling");
        var robbed = await following;
        var again = await _hub.RunAsync(_supervision, [.. follow, "--until-caught-up"]);

        Assert.True(robbed.ExitCode == 5, robbed.Output + robbed.Error);
        var verdict = Assert.Single(robbed.Json);
        Assert.False(verdict.GetProperty("coverage_proven").GetBoolean());
        Assert.True(verdict.GetProperty("gaps").GetInt32() > 0);
        Assert.Contains("are missing", robbed.Error);
        Assert.True(again.ExitCode == 0, again.Output + again.Error);
        Assert.True(Assert.Single(again.Json).GetProperty("coverage_proven").GetBoolean());
        var records = (await _hub.LinesOfAsync("changes.jsonl")).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("_record_id").GetString());
        Assert.Equal(3, records.Distinct().Count());
    }

    [Fact]
    public async Task Ctrl_c_ends_following_with_the_verdict()
    {
        // Job control, so that the program in the background takes the signal; the first line of output says that it follows.
        var command = Quoted(["follow", "complaint", "--purpose", "regulation", "--from-beginning", "--json", .. _supervision]);
        var told = await ShellAsync($"set -m; mkfifo rows; {command} >rows 2>verdict & pid=$!; exec 3<rows; read -r first <&3; kill -INT $pid; cat <&3 >/dev/null; wait $pid; echo $?; tail -n 1 verdict");

        var lines = told.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("130", lines[0]);
        Assert.True(JsonDocument.Parse(lines[1]).RootElement.GetProperty("coverage_proven").GetBoolean());
    }

    private static JsonElement Summary(string error) => JsonDocument.Parse(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;

    private static string Quoted(string[] arguments) =>
        string.Join(' ', new[] { "dotnet", Path.Combine(AppContext.BaseDirectory, "exchange.dll") }.Concat(arguments).Select(a => $"'{a}'"));

    /// <summary>What a line of bash, run in the folder, prints.</summary>
    private async Task<string> ShellAsync(string line)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", $"exec 2>/dev/null; {line}"]) { WorkingDirectory = _hub.Folder, RedirectStandardOutput = true })!;
        try
        {
            var output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(_patience, TestContext.Current.CancellationToken);
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
            return output;
        }
        finally
        {
            if (!shell.HasExited)
            {
                shell.Kill(entireProcessTree: true);
            }
        }
    }
}
