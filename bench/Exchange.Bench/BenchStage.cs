using System.Diagnostics;
using Exchange.Bench.Hubs;
using Exchange.Bench.Reporting;
using Exchange.Bench.Store;
using Exchange.EventStore.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Exchange.Bench;

/// <summary>
/// What the benches run on: one private PostgreSQL with the hub's own, durable settings, and in it databases that are made when a bench first asks
/// for them: one of an event store alone, one of a hub that the benches share.
/// </summary>
/// <param name="arguments">Sizes and rounds.</param>
/// <param name="server">Path of the hub's program.</param>
public sealed class BenchStage(BenchArguments arguments, string server) : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("exchange-bench-").FullName;
    private EmbeddedPostgres? postgres;
    private StoreStage? store;
    private HubStage? shared;

    /// <summary>Measured rounds of each bench.</summary>
    public int Rounds => arguments.Rounds;

    /// <summary>True for the same shapes at smaller sizes.</summary>
    public bool IsQuick => arguments.IsQuick;

    /// <summary>Full version of PostgreSQL; null when no bench needed it.</summary>
    public string? PostgresVersion { get; private set; }

    /// <summary>Records that the benches that read find in the shared hub.</summary>
    public int FilledRecords => Size(1_000_000, 30_000);

    /// <summary>A size: as large as asked for.</summary>
    public int Size(int full, int quick) => IsQuick ? quick : full;

    /// <summary>Tells on standard error how far a bench is.</summary>
    public static void Say(string line) => Console.Error.WriteLine(line);

    /// <summary>Tells on standard error what a round gave.</summary>
    public void Tell(string name, int round, BenchRound result, string more = "") => Say(
        $"{name} round {round} of {Rounds}: {Figures.Of(result.Hub)}{(result.Limit is { } limit ? $", limit {Figures.Of(limit)}, ratio {result.Hub / limit:0.00}" : "")}{(more.Length > 0 ? $"; {more}" : "")}");

    /// <summary>
    /// Measures round after round and tells what each gave; those before the first that counts warm up and are not kept. The function gets the round's number,
    /// from 1 where it counts, and returns its rates with what else there is to tell.
    /// </summary>
    public async Task<List<BenchRound>> MeasureAsync(string name, int warmUps, Func<int, Task<(BenchRound Round, string More)>> measure)
    {
        var rounds = new List<BenchRound>();
        for (var number = 1 - warmUps; number <= Rounds; number++)
        {
            var (round, more) = await measure(number);
            if (number > 0)
            {
                rounds.Add(round);
                Tell(name, number, round, more);
            }
        }

        return rounds;
    }

    /// <summary>The event store alone; made at the first call.</summary>
    public async Task<StoreStage> StoreAsync(CancellationToken cancellationToken) =>
        store ??= await StoreStage.OpenAsync(await DatabaseAsync("store", cancellationToken), Path.Combine(folder, "store-key"), cancellationToken);

    /// <summary>The hub that the benches share; started at the first call.</summary>
    public async Task<HubStage> HubAsync(CancellationToken cancellationToken) => shared ??= await StartHubAsync("hub", cancellationToken);

    /// <summary>A hub of one's own, on a fresh database. Whoever asked for it stops it.</summary>
    public async Task<HubStage> StartHubAsync(string name, CancellationToken cancellationToken) => await HubStage.StartAsync(
        server, await DatabaseAsync(name, cancellationToken), Directory.CreateDirectory(Path.Combine(folder, name)).FullName, cancellationToken);

    /// <summary>Another node of a hub, with its key. Whoever asked for it stops it.</summary>
    public async Task<HubProcess> StartNodeAsync(HubStage hub, string name, CancellationToken cancellationToken)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        File.Copy(Path.Combine(hub.Process.DataDirectory, "hub-key"), Path.Combine(data, "hub-key"));
        return await HubProcess.StartAsync(server, hub.ConnectionString, data, cancellationToken);
    }

    /// <summary>Stops everything and deletes it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (shared is not null)
        {
            await shared.DisposeAsync();
        }

        if (store is not null)
        {
            await store.DisposeAsync();
        }

        if (postgres is not null)
        {
            await postgres.DisposeAsync();
            Directory.Delete(postgres.DataDirectory, recursive: true);
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task<string> DatabaseAsync(string name, CancellationToken cancellationToken)
    {
        if (postgres is null)
        {
            var start = Stopwatch.GetTimestamp();

            // More connections than the hub's own server allows: some limits take 64 beside those of several hubs. Nothing else differs.
            var options = new EmbeddedPostgresOptions
            {
                DataDirectory = EmbeddedPostgresOptions.DirectoryFor(folder),
                Settings = new Dictionary<string, string> { ["max_connections"] = "300" },
            };
            postgres = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, cancellationToken);
            await using var connection = new NpgsqlConnection(postgres.ConnectionString("postgres"));
            await connection.OpenAsync(cancellationToken);
            PostgresVersion = connection.PostgreSqlVersion.ToString();
            Say($"PostgreSQL {PostgresVersion} is ready after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
        }

        return await postgres.CreateDatabaseAsync(name, cancellationToken);
    }
}
