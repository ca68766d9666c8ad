using System.Text;
using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Clients;

public sealed class PushCommandTests : IAsyncLifetime
{
    private const string Head = "no,at,title,office,status\n";

    private CommandLineHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await CommandLineHub.StartAsync("client_cli_push");

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task The_purpose_of_a_push_stands_in_its_events()
    {
        var hotline = await _hub.CallerAsync("hotline");

        var pushed = await _hub.RunAsync(hotline, "push", "tickets.csv", "-m", "m.yaml", "--part", "intake", "--purpose", "public-service");
        var unknown = await _hub.RunAsync(hotline, "push", "tickets.csv", "-m", "m.yaml", "--part", "intake", "--purpose", "curiosity");

        Assert.Equal((4, 2), (pushed.ExitCode, unknown.ExitCode));
        var payloads = new List<string>();
        foreach (var partition in (await _hub.Hub.Operator.Audit.VerifyAsync(null, TestContext.Current.CancellationToken)).Partitions)
        {
            var page = await _hub.Hub.Operator.Audit.ListEventsAsync(partition.Partition, 0, 500, TestContext.Current.CancellationToken);
            payloads.AddRange(page.Events.Where(e => e.Type == "fields-pushed").Select(e => e.PayloadJson));
        }

        Assert.Equal(3, payloads.Count);
        Assert.All(payloads, p => Assert.Contains($"\"purpose\":{(int)Purpose.PublicService}", p));
    }

    [Fact]
    public async Task What_the_hub_rejects_is_told_in_the_columns_of_the_file_and_a_clean_run_leaves_no_reject_file()
    {
        var hotline = await _hub.CallerAsync("hotline");
        await _hub.WriteAsync("long.csv", $"{Head}1,2024-05-01 08:00,{new string('x', 501)},,\n2,2024-05-01 09:00,路灯不亮,,\n");
        await _hub.WriteAsync("m.yaml", CommandLineHub.Mapping.Replace("title: title", "title: subject", StringComparison.Ordinal));
        await _hub.WriteAsync("long.csv", (await File.ReadAllTextAsync(_hub.PathOf("long.csv"), TestContext.Current.CancellationToken)).Replace("title", "subject", StringComparison.Ordinal));

        var rejected = await _hub.RunAsync(hotline, "push", "long.csv", "-m", "m.yaml", "--part", "intake");
        var lines = await _hub.LinesOfAsync("long.csv.rejects.csv");
        await _hub.WriteAsync("long.csv", $"{Head.Replace("title", "subject", StringComparison.Ordinal)}1,2024-05-01 08:00,short,,\n");
        var clean = await _hub.RunAsync(hotline, "push", "long.csv", "-m", "m.yaml", "--part", "intake");

        Assert.Equal((4, 0), (rejected.ExitCode, clean.ExitCode));
        Assert.Equal(["row,line,column,reason,message", "1,2,subject,TOO_LONG,`title`: the field holds at most 500 characters"], lines);
        Assert.False(File.Exists(_hub.PathOf("long.csv.rejects.csv")));
    }

    [Fact]
    public async Task Of_a_file_with_every_kind_of_bad_row_the_good_ones_are_pushed_and_the_others_told()
    {
        var hotline = await _hub.CallerAsync("hotline");
        await using (var file = File.Create(_hub.PathOf("bad.csv")))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes($"{Head}1,2024-05-01 08:00,good,,\n2,2024-05-01 08:01,\"broken\" quoting,,\n3,2024-05-01 08:02,"), TestContext.Current.CancellationToken);
            await file.WriteAsync("caf\xe9"u8.ToArray()[..3].Concat(new byte[] { 0xe9 }).ToArray(), TestContext.Current.CancellationToken);
            await file.WriteAsync(Encoding.UTF8.GetBytes(",,\n4,2024-05-01 08:03,\"two\nlines\",,\n5,2024-05-01 08:04,"), TestContext.Current.CancellationToken);
            await file.WriteAsync(new byte[10 << 20].Select(_ => (byte)'x').ToArray(), TestContext.Current.CancellationToken);
            await file.WriteAsync(Encoding.UTF8.GetBytes(",,\n6,2024-05-01 08:05,good,,\n7,2024-05-01 08:06,too few\n8,2024-05-01 08:07,good,,\n"), TestContext.Current.CancellationToken);
        }

        var run = await _hub.RunAsync(hotline, "push", "bad.csv", "-m", "m.yaml", "--part", "intake", "--json");

        Assert.Equal((4, 8, 4), (run.ExitCode, Number(run, "read"), Number(run, "accepted")));
        Assert.Equal(
            [
                "row,line,column,reason,message",
                "2,3,title,BROKEN_QUOTING,\"has broken quoting: a closing quote must be followed by the delimiter or the end of the line, and a quote inside a quoted cell is doubled\"",
                "3,4,title,INVALID_ENCODING,\"is not in the stated encoding; set `encoding` under `input` in the mapping, e.g. gb18030 or windows-1252\"",
                "5,7,title,CELL_TOO_LARGE,is larger than 1048576 bytes; shorten it or raise `max_cell_bytes` under `input` in the mapping",
                "7,9,,WRONG_COLUMN_COUNT,has 3 cells where the header has 5; look for a missing quote or a surplus delimiter",
            ],
            await _hub.LinesOfAsync("bad.csv.rejects.csv"));
        Assert.Equal(4, await RecordsAsync());
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_as_a_whole_is_refused_and_nothing_is_pushed()
    {
        var hotline = await _hub.CallerAsync("hotline");
        await File.WriteAllTextAsync(_hub.PathOf("utf16.csv"), $"{Head}1,2024-05-01 08:00,小区漏水,H,done\n", Encoding.Unicode, TestContext.Current.CancellationToken);
        await _hub.WriteAsync("short.csv", "no,at\n1,2024-05-01 08:00\n");

        var utf16 = await _hub.RunAsync(hotline, "push", "utf16.csv", "-m", "m.yaml", "--part", "intake", "--json");
        var missing = await _hub.RunAsync(hotline, "push", "short.csv", "-m", "m.yaml", "--part", "intake");

        Assert.Equal((2, ""), (utf16.ExitCode, utf16.Output));
        Assert.Contains("\"error\":\"WRONG_ENCODING\"", utf16.Error);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("`title`", missing.Error);
        Assert.Equal(0, await RecordsAsync());
    }

    private static int Number(CliProcess run, string name) => run.Json[0].GetProperty(name).GetInt32();

    /// <summary>How many records there are, as somebody sees who may see every one.</summary>
    private async Task<long> RecordsAsync()
    {
        var supervision = await _hub.Hub.RegisterAsync("supervision-office");
        await using var stream = await supervision.Records.PullAsync(new PullRequest { Resource = Tickets.Resource, Purpose = Purpose.Regulation }, TestContext.Current.CancellationToken);
        await foreach (var _ in stream)
        {
            // Only counted.
        }

        return stream.Rows;
    }
}
