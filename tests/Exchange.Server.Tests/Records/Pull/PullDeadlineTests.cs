using System.Diagnostics;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Records.Push;
using Grpc.Core;
using Npgsql;

namespace Exchange.Server.Tests.Records.Pull;

/// <summary>Reliability D5: what a caller asked for is not worked on any more once its deadline has passed or it has gone.</summary>
public sealed class PullDeadlineTests(CityHub city) : IClassFixture<CityHub>
{
    private const int MostAttempts = 5;

    private const string Waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%subject%' AND pid <> pg_backend_pid()";

    private static readonly TimeSpan Promised = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_databases_work_ends_with_its_callers_deadline_or_call(bool hasDeadline)
    {
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Pushed.Own($"late-{hasDeadline}", Pushed.Text("pipe")));
        await using var locking = await city.Database.OpenConnectionAsync();
        await using var transaction = await locking.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("LOCK TABLE subject.complaint IN ACCESS EXCLUSIVE MODE", locking))
        {
            await command.ExecuteNonQueryAsync();
        }

        // The promise is the hub's, not the machine's, which may be busy with other tests for a moment: one of a few tries must keep it.
        List<TimeSpan> took = [];
        do
        {
            Assert.True(took.Count < MostAttempts, $"promised {Promised}, took {string.Join(", ", took)}");
            took.Add(await EndAsync(hasDeadline));
        }
        while (took[^1] > Promised);
    }

    private async Task<TimeSpan> EndAsync(bool hasDeadline)
    {
        using var stop = new CancellationTokenSource();
        using var call = city.RecordsOf(City.Centre).Pull(
            new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation },
            deadline: hasDeadline ? DateTime.UtcNow.AddSeconds(1) : null,
            cancellationToken: stop.Token);
        var reading = ReadAsync(call.ResponseStream);
        await FilledCity.UntilAsync(async () => await city.ScalarAsync<long>(Waiting) > 0);
        if (!hasDeadline)
        {
            await stop.CancelAsync();
        }

        var end = await Assert.ThrowsAsync<RpcException>(() => reading);
        var began = Stopwatch.GetTimestamp();
        await FilledCity.UntilAsync(async () => await city.ScalarAsync<long>(Waiting) is 0);

        Assert.Equal(hasDeadline ? StatusCode.DeadlineExceeded : StatusCode.Cancelled, end.StatusCode);
        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task ReadAsync(IAsyncStreamReader<PullResponse> responses)
    {
        while (await responses.MoveNext(CancellationToken.None))
        {
            Assert.Null(responses.Current.Batch);
        }
    }
}
