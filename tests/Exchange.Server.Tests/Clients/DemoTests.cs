using System.Text.Json;
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
    public async Task The_demo_says_what_it_needs()
    {
        var alone = await CliProcess.RunAsync(Path.GetTempPath(), "demo", "--once", "--data", "x.csv", "--data-dir", TestPostgres.NewFolder());

        Assert.Equal(2, alone.ExitCode);
        Assert.Contains("--mapping", alone.Error);
    }

    private static long Number(JsonElement figures, string name) => figures.GetProperty(name).GetInt64();
}
