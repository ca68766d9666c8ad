using System.Diagnostics;
using System.Text.Json;
using Exchange.Cli.Demo;
using Exchange.Cli.Terminal;
using Exchange.Testing;

namespace Exchange.Server.Tests.Clients;

public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_prints_one_json_object_and_running_it_again_changes_nothing()
    {
        var folder = TestPostgres.NewFolder();
        try
        {
            var first = await CliProcess.RunAsync(Path.GetTempPath(), "demo", "--once", "--json", "--data-dir", folder);
            var second = await CliProcess.RunAsync(Path.GetTempPath(), "demo", "--once", "--json", "--data-dir", folder);

            Assert.True(first.ExitCode == 0, first.Error);
            Assert.True(second.ExitCode == 0, second.Error);
            var (one, two) = (Assert.Single(first.Json), Assert.Single(second.Json));
            Assert.Equal(
                ["read", "records", "accepted", "unchanged", "rejected", "warnings", "pulled", "followed", "coverage_proven", "events_appended", "seconds", "records_per_second"],
                one.EnumerateObject().Select(p => p.Name));
            var (read, records) = (Number(one, "read"), Number(one, "records"));
            var rejected = one.GetProperty("rejected").EnumerateObject().Sum(r => r.Value.GetInt64());
            Assert.Equal(read, records + rejected);
            Assert.Equal((records, 0), (Number(one, "accepted"), Number(one, "unchanged")));
            Assert.Equal((0, records), (Number(two, "accepted"), Number(two, "unchanged")));
            Assert.Equal((records, records), (Number(one, "pulled"), Number(two, "pulled")));
            Assert.True(Number(one, "followed") >= records);
            Assert.Equal((0, 0), (Number(two, "followed"), Number(two, "events_appended")));
            Assert.True(one.GetProperty("coverage_proven").GetBoolean() && two.GetProperty("coverage_proven").GetBoolean());
        }
        finally
        {
            TestPostgres.Delete(folder);
        }
    }

    [Fact]
    public async Task Every_row_read_is_a_record_or_a_rejected_row_counted_once()
    {
        var folder = TestPostgres.NewFolder();
        var files = Directory.CreateTempSubdirectory("demo-").FullName;
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(files, "m.yaml"), CommandLineHub.Mapping + "\n      result_text: result", TestContext.Current.CancellationToken);
            string[] rows =
            [
                "1,2024-05-01 08:00,小区漏水,H,done,repaired",
                $"2,2024-05-01 08:00,{new string('x', 501)},H,done,the record is refused and so has no handling either",
                "1,2024-05-01 08:00,小区漏水,H,done,repaired",
                "1,2024-05-01 08:00,路灯不亮,H,done,repaired",
                $"3,2024-05-01 08:00,小区漏水,H,done,{new string('x', 20_001)}",
            ];
            await File.WriteAllTextAsync(Path.Combine(files, "rows.csv"), "no,at,title,office,status,result\n" + string.Join('\n', rows), TestContext.Current.CancellationToken);

            var run = await CliProcess.RunAsync(files, "demo", "--once", "--json", "--data", "rows.csv", "--mapping", "m.yaml", "--data-dir", folder);

            Assert.True(run.ExitCode == 0, run.Error);
            var figures = Assert.Single(run.Json);
            Assert.Equal((5, 2, 2), (Number(figures, "read"), Number(figures, "records"), Number(figures, "accepted")));
            Assert.Equal("""{"DUPLICATE_ROW":1,"DUPLICATE_ID":1,"TOO_LONG":1}""", figures.GetProperty("rejected").GetRawText());
            Assert.Equal("""{"HANDLING_REJECTED":1}""", figures.GetProperty("warnings").GetRawText());
        }
        finally
        {
            TestPostgres.Delete(folder);
            Directory.Delete(files, recursive: true);
        }
    }

    [Fact]
    public async Task A_demo_whose_hub_ends_does_not_stay_without_it()
    {
        var folder = TestPostgres.NewFolder();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(3));
        using var demo = Process.Start(CliProcess.Start(Path.GetTempPath(), "demo", "--json", "--data-dir", folder))!;
        try
        {
            await UntilAsync(demo, "the hub runs on", deadline.Token);
            using var hub = Process.GetProcessById(HubFolder.Read(folder)!.ProcessId);
            Signals.AskToEnd(hub);
            var error = await demo.StandardError.ReadToEndAsync(deadline.Token);
            await demo.WaitForExitAsync(deadline.Token);

            Assert.True(demo.ExitCode == 3, error);
            Assert.Contains("HUB_ENDED", error);
        }
        finally
        {
            demo.Kill(entireProcessTree: true);
            TestPostgres.Delete(folder);
        }
    }

    [Fact]
    public async Task A_demo_goes_on_when_a_policy_ends_what_its_departments_follow()
    {
        var folder = TestPostgres.NewFolder();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(3));
        using var demo = Process.Start(CliProcess.Start(Path.GetTempPath(), "demo", "--json", "--data-dir", folder))!;
        try
        {
            await UntilAsync(demo, "the hub runs on", deadline.Token);
            var set = await CliProcess.RunAsync(
                Path.GetTempPath(), "policy", "set", "no-titles", "--effect", "forbid", "--who", "*", "--what", "resources/complaint/fields/title", "--reason", "a trial", "--data-dir", folder);
            Assert.True(set.ExitCode is 0, set.Error);
            await UntilAsync(demo, "follows no more", deadline.Token);

            var listed = await CliProcess.RunAsync(Path.GetTempPath(), "policy", "list", "--json", "--data-dir", folder);

            Assert.True(listed.ExitCode is 0, listed.Error);
            Assert.False(demo.HasExited);
        }
        finally
        {
            demo.Kill(entireProcessTree: true);
            TestPostgres.Delete(folder);
        }
    }

    private static async Task UntilAsync(Process demo, string text, CancellationToken cancellationToken)
    {
        while ((await demo.StandardError.ReadLineAsync(cancellationToken) ?? throw new EndOfStreamException(text)) is var line && !line.Contains(text, StringComparison.Ordinal))
        {
            // Everything before is the show.
        }
    }

    [Fact]
    public async Task The_demo_says_what_it_needs()
    {
        var alone = await CliProcess.RunAsync(Path.GetTempPath(), "demo", "--once", "--data", "x.csv", "--data-dir", TestPostgres.NewFolder());

        Assert.Equal(2, alone.ExitCode);
        Assert.Contains("--mapping", alone.Error);
    }

    private static long Number(JsonElement figures, string name) => figures.GetProperty(name).GetInt64();
}
