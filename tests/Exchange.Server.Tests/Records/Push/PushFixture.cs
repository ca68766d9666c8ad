using System.Security.Cryptography;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.EventStore;
using Exchange.EventStore.Migrations;
using Exchange.Server.Hosting;
using Exchange.Server.Records.Deciding;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Push;
using Exchange.Server.Records.Subjects;
using Exchange.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Tests.Records.Push;

/// <summary>A log with the city's subject table, and a pusher under a governance that the test may change.</summary>
public sealed class PushFixture : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("exchange-push-").FullName;
    private NpgsqlDataSource? database;
    private EventLog? log;
    private int pushes;

    internal EventLog Log => log ?? throw new InvalidOperationException("not initialised");

    internal NpgsqlDataSource Database => database ?? throw new InvalidOperationException("not initialised");

    /// <summary>What the log told.</summary>
    internal TestLog Lines { get; } = new();

    internal byte[] FingerprintKey { get; } = RandomNumberGenerator.GetBytes(32);

    internal GovernanceState Governance { get; set; } = City.State;

    /// <summary>The clock that plans go by.</summary>
    internal TimeProvider Time { get; set; } = TimeProvider.System;

    internal RecordPusher Pusher => new(Log, _ => Task.FromResult<Result<GovernanceState>>(Governance), new RecordAppendHandler(() => Governance, Time), new PushFingerprint(FingerprintKey), Time);

    internal SubjectTables Tables => new(Database, TimeProvider.System, NullLogger<SubjectTables>.Instance);

    public async ValueTask InitializeAsync()
    {
        var connectionString = await TestPostgres.CreateDatabaseAsync("push");
        await Migrator.ApplyAsync(connectionString, [new("server", typeof(HubNode).Assembly)], TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        database = NpgsqlDataSource.Create(connectionString);
        await Tables.EnsureAsync(City.State.Resources["complaint"], CancellationToken.None);
        var options = new EventLogOptions { ConnectionString = connectionString, KeyFile = Path.Combine(folder, "hub-key") };
        log = await EventLog.OpenAsync(options, TimeProvider.System, Lines, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A header of the caller's own source system, with a push id not used before.</summary>
    internal Proto.PushHeader Header(Caller caller, params string[] fields) => new()
    {
        Resource = "resources/complaint",
        SourceSystem = caller.Department.Value + "-desk",
        PushId = $"push-{Interlocked.Increment(ref pushes)}",
        Fields = { fields },
    };

    /// <summary>Pushes one batch and expects a receipt.</summary>
    internal async Task<Proto.PushReceipt> PushAsync(Caller caller, Proto.PushHeader header, params Proto.PushedRecord[] records) =>
        (await TryPushAsync(caller, header, 1, records)).Value;

    /// <summary>Pushes one batch.</summary>
    internal async Task<Result<Proto.PushReceipt>> TryPushAsync(Caller caller, Proto.PushHeader header, long sequence, params Proto.PushedRecord[] records)
    {
        var form = PushHeaderForm.Parse(header);
        if (form.IsRefused)
        {
            return form.Refusal;
        }

        var plan = await Pusher.PlanAsync(caller, form.Value, CancellationToken.None);
        if (plan.IsRefused)
        {
            return plan.Refusal;
        }

        var batch = RecordPusher.Prepare(plan.Value, BatchContent.Of(new Proto.PushedBatch { Sequence = sequence, Records = { records } }));
        return batch.IsRefused ? batch.Refusal : await TryPushAsync(caller, form.Value, batch.Value);
    }

    /// <summary>Pushes a batch that was prepared before.</summary>
    internal async Task<Result<Proto.PushReceipt>> TryPushAsync(Caller caller, PushHeaderForm form, PreparedBatch batch)
    {
        var pushed = await Pusher.PushAsync(caller, form, batch, CancellationToken.None);
        return pushed.IsRefused ? pushed.Refusal : Proto.PushReceipt.Parser.ParseFrom(pushed.Value.Bytes);
    }

    /// <summary>The events of a record, sealed values opened.</summary>
    internal async Task<List<RecordEvent>> EventsAsync(string recordId)
    {
        var stream = Guid.Parse(recordId);
        var partition = Log.Partitions.ForRecord(stream);
        var keys = await Log.Keys.LoadAsync([(partition, stream)], CancellationToken.None);
        var events = new List<RecordEvent>();
        await foreach (var stored in Log.Reader.ReadStreamAsync(partition, stream, 0, CancellationToken.None))
        {
            events.Add(RecordEvent.Parse(stored)!.Unseal(keys));
        }

        return events;
    }

    internal async Task<T> ScalarAsync<T>(string query)
    {
        await using var command = Database.CreateCommand(query);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    internal Task<long> CountEventsAsync() => ScalarAsync<long>("SELECT count(*) FROM log.event");
}
