using System.Text.Json;
using Exchange.Testing;

namespace Exchange.Server.Tests.Clients;

/// <summary>The demo on the real files beside the checkout, through the command as people run it.</summary>
[Trait("Stage", "Full")]
public sealed class RealInputTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(20);

    [Fact]
    public async Task Every_boston_row_becomes_a_record_and_the_same_again_changes_nothing()
    {
        var (first, second) = await RunTwiceAsync("boston-311-2015/boston_311_2015_jan_sep.csv.gz", "boston-311.yaml");

        Assert.Equal((92_002, 92_002, 92_002, 92_002), (Number(first, "read"), Number(first, "records"), Number(first, "accepted"), Number(first, "pulled")));
        Assert.Equal("{}", first.GetProperty("rejected").GetRawText());
        Assert.Equal(176, first.GetProperty("warnings").GetProperty("CLOSED_BEFORE_OPENED").GetInt32());
        Assert.True(Number(first, "followed") >= 92_002);
        AssertUnchanged(second, 92_002);
    }

    [Fact]
    public async Task Every_petition_becomes_a_record_or_a_reject_and_the_same_again_changes_nothing()
    {
        var (first, second) = await RunTwiceAsync("cn-petition-2020", "cn-petition.yaml");

        Assert.Equal((7191, 7190, 7190, 7190), (Number(first, "read"), Number(first, "records"), Number(first, "accepted"), Number(first, "pulled")));
        Assert.Equal("""{"DUPLICATE_ID":1}""", first.GetProperty("rejected").GetRawText());
        Assert.Equal(2370 - 1637, first.GetProperty("warnings").GetProperty("DEPARTMENT_DEFAULTED").GetInt32());
        AssertUnchanged(second, 7190);
    }

    /// <summary>Two runs on one store, each with fresh keys. Exit code 0: coverage is proven, the puller got its columns, the search found what a scan finds.</summary>
    private static async Task<(JsonElement First, JsonElement Second)> RunTwiceAsync(string data, string mapping)
    {
        var input = Path.GetFullPath(Path.Combine(ClientHub.Root, "..", "shared", "data", data));
        if (!Path.Exists(input))
        {
            Assert.Skip($"{data} is not beside the checkout");
        }

        var folder = TestPostgres.NewFolder();
        try
        {
            var figures = new List<JsonElement>();
            for (var run = 0; run < 2; run++)
            {
                var demo = await CliProcess.RunAsync(
                    Path.GetTempPath(), _patience, "demo", "--once", "--json", "--data", input, "--mapping", Path.Combine(ClientHub.Root, "samples", "mappings", mapping), "--data-dir", folder);
                Assert.True(demo.ExitCode == 0, demo.Error);
                TestContext.Current.TestOutputHelper?.WriteLine(demo.Output);
                figures.Add(Assert.Single(demo.Json));
                Assert.True(figures[^1].GetProperty("coverage_proven").GetBoolean());
            }

            return (figures[0], figures[1]);
        }
        finally
        {
            TestPostgres.Delete(folder);
        }
    }

    private static void AssertUnchanged(JsonElement second, long records) => Assert.Equal(
        (0, records, records, 0, 0),
        (Number(second, "accepted"), Number(second, "unchanged"), Number(second, "pulled"), Number(second, "followed"), Number(second, "events_appended")));

    private static long Number(JsonElement figures, string name) => figures.GetProperty(name).GetInt64();
}
