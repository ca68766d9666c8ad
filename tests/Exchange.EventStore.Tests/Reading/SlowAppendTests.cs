using Exchange.EventStore.Appending;
using Exchange.EventStore.Reading;
using Exchange.EventStore.Tests.Appending;
using Npgsql;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Reading;

/// <summary>
/// Reliability C2: an append that commits late is not passed over. The control, a log that takes positions from a sequence, must pass it over.
/// </summary>
public sealed class SlowAppendTests : IAsyncLifetime
{
    private TestStore store = null!;

    private interface ILogUnderTest
    {
        /// <summary>Begins an append that commits only when the returned action is run.</summary>
        Task<Func<Task>> BeginSlowAsync(Guid name);

        /// <summary>Appends and waits; or, in a log where others must wait for the slow one, returns without.</summary>
        Task AppendAsync(Guid name);

        /// <summary>What stands after a position, and the position after it.</summary>
        Task<(List<Guid> Names, long Position)> ReadAsync(long after);
    }

    public async ValueTask InitializeAsync() => store = await TestStore.CreateAsync("slow");

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task An_append_of_half_a_minute_is_never_passed_over() => Assert.Empty(await MissedAsync(await OpenAsync()));

    [Fact]
    public async Task The_control_that_numbers_by_a_sequence_passes_it_over()
    {
        await store.ExecuteAsync("CREATE TABLE control (position bigserial PRIMARY KEY, name uuid NOT NULL)");

        var missed = await MissedAsync(new SequenceLog(store.Database));

        Assert.NotEmpty(missed);
    }

    private async Task<OurLog> OpenAsync()
    {
        var patience = TimeSpan.FromMinutes(2);
        return new OurLog(await OpenNodeAsync(), await OpenNodeAsync());

        Task<EventLog> OpenNodeAsync() => store.OpenAsync(options => options with
        {
            IdleInTransactionTimeout = patience, LockTimeout = patience, StatementTimeout = patience, RetryFor = patience,
        });
    }

    /// <summary>
    /// The names a reader that restarts twice never saw, though they were stored. The slow append is held for half a minute, or until the reader saw a later one:
    /// how soon that is depends on what else the machine does.
    /// </summary>
    private static async Task<List<Guid>> MissedAsync(ILogUnderTest log)
    {
        var (early, slow) = (Guid.NewGuid(), Guid.NewGuid());
        var others = Enumerable.Range(0, 20).Select(_ => Guid.NewGuid()).ToList();
        var seen = new HashSet<Guid>();
        var position = 0L;
        await log.AppendAsync(early);
        await ReadOnAsync();

        var finish = await log.BeginSlowAsync(slow);
        var appends = others.ConvertAll(log.AppendAsync);
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        while (!others.Exists(seen.Contains) && System.Diagnostics.Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30))
        {
            await ReadOnAsync();

            // Others want the processor meanwhile.
            await Task.Delay(10, CancellationToken.None);
        }

        await finish();
        await Task.WhenAll(appends);
        await ReadOnAsync();
        await ReadOnAsync();
        return [.. others.Append(slow).Append(early).Where(name => !seen.Contains(name))];

        // Each read is a reader that knows its position only.
        async Task ReadOnAsync()
        {
            var (names, next) = await log.ReadAsync(position);
            names.ForEach(name => Assert.True(seen.Add(name), "delivered twice"));
            position = next;
        }
    }

    private sealed class OurLog(EventLog slowNode, EventLog node) : ILogUnderTest
    {
        private readonly int partition = node.Partitions.Records[0];

        public async Task<Func<Task>> BeginSlowAsync(Guid name)
        {
            var goOn = new ManualResetEventSlim();
            var entered = new TaskCompletionSource();
            var append = slowNode.AppendAsync(new ScriptedUnit(partition, name)
            {
                Caller = "tax",
                Client = "tax-client",
                Decision = context =>
                {
                    entered.TrySetResult();
                    goOn.Wait(TimeSpan.FromMinutes(2));
                    context.Append(name, "thing-happened", Bytes("slow"));
                },
            });
            await entered.Task;
            return async () =>
            {
                goOn.Set();
                Assert.Null((await append).Refusal);
                goOn.Dispose();
            };
        }

        public async Task AppendAsync(Guid name) => Assert.Null((await node.AppendAsync(Unit(partition, Event(name)))).Refusal);

        public async Task<(List<Guid> Names, long Position)> ReadAsync(long after)
        {
            var batches = await node.SubscribeAsync(new Dictionary<int, long> { [partition] = after }, new SubscriptionOptions { StopAtHead = true }, CancellationToken.None).ToListAsync();
            return ([.. batches.SelectMany(batch => batch.Slices).SelectMany(slice => slice.Events).Select(e => e.StreamId)], batches.Count is 0 ? after : batches[^1].Positions[partition]);
        }
    }

    private sealed class SequenceLog(NpgsqlDataSource database) : ILogUnderTest
    {
        private const string Insert = "INSERT INTO control (name) VALUES ($1)";

        public async Task<Func<Task>> BeginSlowAsync(Guid name)
        {
            var connection = await database.OpenConnectionAsync();
            var transaction = await connection.BeginTransactionAsync();
            await using var command = new NpgsqlCommand(Insert, connection, transaction) { Parameters = { new() { Value = name } } };
            await command.ExecuteNonQueryAsync();
            return async () =>
            {
                await transaction.CommitAsync();
                await connection.DisposeAsync();
            };
        }

        public async Task AppendAsync(Guid name)
        {
            await using var command = database.CreateCommand(Insert);
            command.Parameters.Add(new() { Value = name });
            await command.ExecuteNonQueryAsync();
        }

        public async Task<(List<Guid> Names, long Position)> ReadAsync(long after)
        {
            var (names, position) = (new List<Guid>(), after);
            await using var command = database.CreateCommand("SELECT position, name FROM control WHERE position > $1 ORDER BY position");
            command.Parameters.Add(new() { Value = after });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                position = reader.GetInt64(0);
                names.Add(reader.GetGuid(1));
            }

            return (names, position);
        }
    }
}
