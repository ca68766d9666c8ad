using System.Diagnostics;
using Exchange.Bench.Limits;
using Exchange.Clients;
using Exchange.Clients.Records;
using Exchange.Protos.V1;
using Npgsql;

namespace Exchange.Bench.Hubs;

/// <summary>A hub with a city on it, and the way to its database for the limits.</summary>
public sealed class HubStage : IAsyncDisposable
{
    /// <summary>The department that reads.</summary>
    public const string Reader = "bench-reader";

    /// <summary>The department that opens the filled resource's records.</summary>
    public const string Filler = "bench-filler";

    private const int FilledAtOnce = 50_000;

    private readonly HashSet<string> published = [];

    private HubStage(HubProcess process, BenchCity city, string connectionString)
    {
        (Process, City, ConnectionString) = (process, city, connectionString);
        Plain = LimitSql.Source(connectionString);
    }

    /// <summary>A resource that benches read, once <see cref="FillAsync"/> has filled it.</summary>
    public static BenchResource Filled { get; } = new("cases") { IsSearchable = true };

    /// <summary>The hub.</summary>
    public HubProcess Process { get; }

    /// <summary>Its departments and resources.</summary>
    public BenchCity City { get; }

    /// <summary>Its database.</summary>
    public string ConnectionString { get; }

    /// <summary>Plain connections to its database, for the limits.</summary>
    public NpgsqlDataSource Plain { get; }

    /// <summary>Records in <see cref="Filled"/>.</summary>
    public int FilledRecords { get; private set; }

    /// <summary>Starts a hub on an empty database.</summary>
    public static async Task<HubStage> StartAsync(string server, string connectionString, string dataDirectory, CancellationToken cancellationToken)
    {
        var process = await HubProcess.StartAsync(server, connectionString, dataDirectory, cancellationToken);
        try
        {
            return new HubStage(process, await BenchCity.FoundAsync(process, cancellationToken), connectionString);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Publishes a resource under the reader's department, unless that was done.</summary>
    public async Task PublishAsync(BenchResource resource, CancellationToken cancellationToken)
    {
        if (published.Add(resource.Id))
        {
            await City.PublishAsync(resource, Reader, cancellationToken);
        }
    }

    /// <summary>Seconds to push records, every one of which must be accepted.</summary>
    public static async Task<double> PushAsync(ExchangeClient client, PushHeader header, IReadOnlyList<PushedRecord> records, CancellationToken cancellationToken)
    {
        var accepted = 0;
        var watch = Stopwatch.StartNew();
        await using var session = client.Records.OpenPush<int>(header, new PushOptions(), (_, receipt) =>
        {
            accepted += receipt.Results.Count(result => result.Outcome is RecordOutcome.Accepted);
            return ValueTask.CompletedTask;
        });
        foreach (var record in records)
        {
            await session.AddAsync(record, 0, cancellationToken);
        }

        await session.CompleteAsync(cancellationToken);
        watch.Stop();
        return accepted == records.Count ? watch.Elapsed.TotalSeconds : throw new InvalidOperationException($"{records.Count - accepted} of {records.Count} records were not accepted");
    }

    /// <summary>Pushes records into <see cref="Filled"/> until it holds so many.</summary>
    public async Task FillAsync(int records, CancellationToken cancellationToken)
    {
        if (FilledRecords >= records)
        {
            return;
        }

        await PublishAsync(Filled, cancellationToken);
        var filler = await City.DepartmentAsync(Filler, cancellationToken);
        while (FilledRecords < records)
        {
            var made = MadeRecords.Records("filled", FilledRecords, Math.Min(FilledAtOnce, records - FilledRecords));
            await PushAsync(filler, Filled.Header(Filler, $"fill-{FilledRecords}"), made, cancellationToken);
            FilledRecords += made.Length;
        }

        await using var analyze = Plain.CreateCommand($"VACUUM ANALYZE {Filled.Table}");
        await analyze.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Closes the clients and stops the hub.</summary>
    public async ValueTask DisposeAsync()
    {
        await City.DisposeAsync();
        await Process.DisposeAsync();
        await Plain.DisposeAsync();
    }
}
