using System.Diagnostics;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Feed;
using Exchange.Server.Tests.Records;
using Exchange.Testing;
using Grpc.Core;

namespace Exchange.Server.Tests.Hosting;

/// <summary><c>Exchange.Server renew-generation</c>, as an administrator runs it after restoring a backup.</summary>
public sealed class GenerationRenewalTests : IAsyncLifetime
{
    private readonly CityHub city = new();
    private readonly string folder = Directory.CreateTempSubdirectory("exchange-renewal-").FullName;

    public ValueTask InitializeAsync() => city.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await city.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task After_it_a_checkpoint_from_before_is_refused_and_a_new_reader_begins()
    {
        var request = new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation };
        string checkpoint;
        using (var follower = await Follower.BeginAsync(city.FeedOf(City.Archive), request.Clone()))
        {
            checkpoint = follower.Checkpoint;
        }

        Assert.Equal((2, true), await RunAsync(city.Hub.Options.ConnectionString!, "stop them all first"));
        await city.Hub.Node.DisposeAsync();
        Assert.Equal((0, true), await RunAsync(city.Hub.Options.ConnectionString!, "the store has a new generation"));
        await city.Hub.RestartAsync();

        var late = request.Clone();
        late.Checkpoint = checkpoint;
        Assert.Equal((StatusCode.FailedPrecondition, "CHECKPOINT_GENERATION"), await TestStatus.RefusalOf(() => Follower.BeginAsync(city.FeedOf(City.Archive), late)));
        using var again = await Follower.BeginAsync(city.FeedOf(City.Archive), request);
    }

    [Fact]
    public async Task A_database_without_a_store_is_refused()
    {
        Assert.Equal((2, true), await RunAsync(await TestPostgres.CreateDatabaseAsync("nothing"), "holds no store of a hub"));
    }

    // What the program ends with, and whether it says this.
    private async Task<(int ExitCode, bool Says)> RunAsync(string connectionString, string text)
    {
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", [typeof(Program).Assembly.Location, "renew-generation", "--connection-string", connectionString, "--data-directory", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (await output + error).Contains(text, StringComparison.Ordinal));
    }
}
