using System.Collections.Concurrent;
using Exchange.Protos.V1;
using Exchange.Server.Hosting;
using Exchange.Server.Tests.Records;
using Exchange.Server.Tests.Records.Push;
using Npgsql;
using Value = Exchange.Protos.V1.Value;

namespace Exchange.Server.Tests.Access.HiddenValues;

/// <summary>
/// Two stores that were one until now, each with a hub of the same keys before it: what happens to both from here on happens in the same order, at the same times
/// and with the same values, but for those of one field a history that the archive may read nowhere. So whatever the archive is answered must be the same bytes.
/// </summary>
internal sealed class StorePair : IAsyncDisposable
{
    private const int MostRecords = 1_000;

    private readonly HeldTime clock = new();
    private readonly CityHub city;
    private TestHub twin = null!;
    private int pushes;

    private StorePair() => city = new CityHub { Settings = new TestHubSettings { Options = options => options with { Clock = clock } } };

    /// <summary>Fields that the archive may read nowhere.</summary>
    public static IReadOnlyList<string> Hidden { get; } = ["content", "phone", "secret_note", "grid_note", "result"];

    /// <summary>The histories by their numbers.</summary>
    public IReadOnlyList<PairedHistory> Histories { get; private set; } = [];

    /// <summary>Both stores, with the same city and no record yet.</summary>
    public static async Task<StorePair> StartAsync()
    {
        var pair = new StorePair();
        await pair.city.InitializeAsync();

        // A database is copied while nobody is in it.
        await pair.city.Hub.Node.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        var copy = await CopyAsync(pair.city.Hub.Options.ConnectionString!);
        await pair.city.Hub.RestartAsync();
        pair.twin = await pair.city.Hub.StartSecondNodeAsync(options => options with { ConnectionString = copy });
        return pair;
    }

    public async ValueTask DisposeAsync() => await city.DisposeAsync();

    /// <summary>Calls records of the first store, or of the second, as a department.</summary>
    public RecordsService.RecordsServiceClient RecordsOf(Exchange.Catalog.Caller caller, bool second) => new(city.ClientOf(caller).InvokerOn(second ? twin : city.Hub));

    /// <summary>Calls the feed of the first store, or of the second, as a department.</summary>
    public FeedService.FeedServiceClient FeedOf(Exchange.Catalog.Caller caller, bool second) => new(city.ClientOf(caller).InvokerOn(second ? twin : city.Hub));

    /// <summary>Heads of the record partitions.</summary>
    public Task<IReadOnlyDictionary<int, long>> HeadsAsync() => city.HeadsAsync();

    /// <summary>Lets so many histories happen in both stores.</summary>
    public async Task HappenAsync(int seed, int histories)
    {
        Histories = [.. Enumerable.Range(0, histories).Select(number => new PairedHistory(seed, number))];
        using (clock.Hold())
        {
            for (var step = 0; Histories.Any(history => history.Steps.Count > step); step++)
            {
                foreach (var kind in Histories.Where(history => history.Steps.Count > step).SelectMany(history => history.Steps[step]).GroupBy(change => (change.By, Fields: string.Join(',', change.Fields))))
                {
                    foreach (var batch in kind.Chunk(MostRecords))
                    {
                        await PushAsync(batch);
                    }
                }
            }
        }

        await SaveIdsAsync();
    }

    private async Task PushAsync(PairedChange[] changes)
    {
        var header = city.Header(changes[0].By, [.. changes[0].Fields]);
        header.PushId = $"pair-{++pushes}";
        var outcomes = new List<string>();
        foreach (var second in new[] { false, true })
        {
            var receipt = await RecordsOf(changes[0].By, second).PushBatchAsync(new PushBatchRequest
            {
                Header = header,
                Batch = new PushedBatch { Sequence = 1, Records = { changes.Select(change => change.ToRecord(second)) } },
            });
            Assert.All(receipt.Results, result => Assert.True(result.Outcome is RecordOutcome.Accepted or RecordOutcome.Unchanged, $"{result}"));
            outcomes.Add(string.Join('\n', receipt.Results.Select(result => $"{result.RecordId} {result.Outcome} {result.Version}")));
        }

        // The same events in both: a change that is none in one store is none in the other.
        Assert.Equal(outcomes[0], outcomes[1]);
    }

    private async Task SaveIdsAsync()
    {
        var ids = new ConcurrentDictionary<string, Guid>();
        await using var command = city.Database.CreateCommand("SELECT source_id, record_id FROM subject.complaint");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            ids[reader.GetString(0)] = reader.GetGuid(1);
        }

        foreach (var history in Histories)
        {
            history.Ids = [.. history.SourceIds.Select(source => ids[source])];
        }
    }

    private static async Task<string> CopyAsync(string connectionString)
    {
        var from = new NpgsqlConnectionStringBuilder(connectionString);
        var to = new NpgsqlConnectionStringBuilder(connectionString) { Database = $"{from.Database}_twin" };
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Database = "postgres", Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE \"{to.Database}\" TEMPLATE \"{from.Database}\"", connection);
        await command.ExecuteNonQueryAsync();
        return to.ConnectionString;
    }

    // Real time, but for what is stored in both: that happens at the same instant.
    private sealed class HeldTime : TimeProvider
    {
        private long held;

        public override DateTimeOffset GetUtcNow() => Volatile.Read(ref held) is > 0 and var ticks ? new(ticks, TimeSpan.Zero) : base.GetUtcNow();

        public IDisposable Hold()
        {
            Volatile.Write(ref held, base.GetUtcNow().Ticks);
            return new Release(this);
        }

        private sealed class Release(HeldTime clock) : IDisposable
        {
            public void Dispose() => Volatile.Write(ref clock.held, 0);
        }
    }
}

/// <summary>One change of a record in both stores.</summary>
/// <param name="By">Who makes it.</param>
/// <param name="SourceId">Which record of the centre's.</param>
/// <param name="Fields">The fields.</param>
/// <param name="Values">Their values in the first store.</param>
/// <param name="Others">Their values in the second.</param>
internal sealed record PairedChange(Exchange.Catalog.Caller By, string SourceId, IReadOnlyList<string> Fields, IReadOnlyList<Value> Values, IReadOnlyList<Value> Others)
{
    public PushedRecord ToRecord(bool second)
    {
        Value[] values = [.. second ? Others : Values];
        return By == City.Centre ? Pushed.Own(SourceId, values) : Pushed.OpenedAs("centre-desk", SourceId, values);
    }
}
