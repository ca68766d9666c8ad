using System.Diagnostics;
using System.Net.Sockets;
using Exchange.EventStore.Sealing;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Exchange.EventStore.Reading;

/// <summary>Asks the database for all heads at least every <see cref="EventLogOptions.PollInterval"/>; appends of this node are known at once.</summary>
public sealed partial class HeadMonitor : IAsyncDisposable
{
    private const string SelectHeads = "SELECT partition, head, key_epoch FROM log.log_partition";
    private const string Listen = "LISTEN exchange_log";
    private const string Notify = "SELECT pg_notify('exchange_log', $1)";

    // At most one hint per pause: a NOTIFY takes a lock of the whole database, so it is never part of an append.
    private static readonly TimeSpan HintPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    private readonly NpgsqlDataSource source;
    private readonly DataKeyCache keys;
    private readonly TimeSpan pollInterval;
    private readonly ILogger logger;
    private readonly string node = Guid.NewGuid().ToString("n");
    private readonly Lock gate = new();
    private readonly Dictionary<int, long> heads = [];
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim hint = new(0, 1);
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long confirmedAt;
    private Task running = Task.CompletedTask;

    internal HeadMonitor(NpgsqlDataSource source, DataKeyCache keys, TimeSpan pollInterval, ILogger logger)
    {
        this.source = source;
        this.keys = keys;
        this.pollInterval = pollInterval;
        this.logger = logger;
    }

    /// <summary>Completes at the next change; take it before looking at the heads.</summary>
    internal Task NextChange
    {
        get
        {
            lock (gate)
            {
                return changed.Task;
            }
        }
    }

    /// <summary>The partition's head, and how long ago the database last confirmed it.</summary>
    public HeadConfirmation Confirm(int partition)
    {
        lock (gate)
        {
            return new HeadConfirmation(heads[partition], Stopwatch.GetElapsedTime(confirmedAt));
        }
    }

    /// <summary>Heads of all partitions. A copy.</summary>
    public IReadOnlyDictionary<int, long> Snapshot()
    {
        lock (gate)
        {
            return new Dictionary<int, long>(heads);
        }
    }

    /// <summary>Completes when the partition's head is known to be at least the given position, or throws when cancelled.</summary>
    public async Task WaitForAsync(int partition, long position, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = NextChange;
            if (Confirm(partition).Head >= position)
            {
                return;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested)
        {
            return;
        }

        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
        hint.Dispose();
    }

    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        await using (var connection = await source.OpenConnectionAsync(cancellationToken))
        {
            await PollAsync(connection, cancellationToken);
        }

        running = Task.WhenAll(Task.Run(WatchAsync, CancellationToken.None), Task.Run(HintAsync, CancellationToken.None));
    }

    /// <summary>An append of this node moved a head. <see cref="Signal"/> tells the readers.</summary>
    internal void Advance(int partition, long head)
    {
        lock (gate)
        {
            if (head > heads.GetValueOrDefault(partition))
            {
                heads[partition] = head;
            }
        }
    }

    /// <summary>Wakes the readers of this node, and soon those of others.</summary>
    internal void Signal()
    {
        Wake();
        lock (gate)
        {
            if (hint.CurrentCount is 0 && !stopping.IsCancellationRequested)
            {
                hint.Release();
            }
        }
    }

    /// <summary>Copies the known heads of some partitions; false when nothing is beyond the given positions.</summary>
    internal bool ReadInto(Dictionary<int, long> target, IReadOnlyDictionary<int, long> positions)
    {
        var hasNews = false;
        lock (gate)
        {
            foreach (var (partition, position) in positions)
            {
                target[partition] = heads[partition];
                hasNews |= target[partition] > position;
            }
        }

        return hasNews;
    }

    private void Wake()
    {
        TaskCompletionSource done;
        lock (gate)
        {
            done = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        done.TrySetResult();
    }

    private async Task PollAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var asked = Stopwatch.GetTimestamp();
        var hasChanged = false;
        await using var command = new NpgsqlCommand(SelectHeads, connection);
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var (partition, head) = (reader.GetInt32(0), reader.GetInt64(1));
                keys.NoteEpoch(partition, reader.GetInt64(2));
                lock (gate)
                {
                    if (!heads.TryGetValue(partition, out var known) || head > known)
                    {
                        heads[partition] = head;
                        hasChanged = true;
                    }
                }
            }
        }

        lock (gate)
        {
            confirmedAt = asked;
        }

        if (hasChanged)
        {
            Wake();
        }
    }

    private async Task WatchAsync()
    {
        var isAway = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(stopping.Token);
                var isHinted = false;
                connection.Notification += (_, e) => isHinted |= e.Payload != node;
                await using (var listen = new NpgsqlCommand(Listen, connection))
                {
                    await listen.ExecuteNonQueryAsync(stopping.Token);
                }

                while (true)
                {
                    await PollAsync(connection, stopping.Token);
                    if (isAway)
                    {
                        isAway = false;
                        Log.Back(logger);
                    }

                    isHinted = false;
                    var polled = Stopwatch.GetTimestamp();
                    for (var left = pollInterval; left > TimeSpan.Zero && !isHinted; left = pollInterval - Stopwatch.GetElapsedTime(polled))
                    {
                        // Npgsql waits in whole milliseconds, and zero of them is for ever.
                        await connection.WaitAsync((int)Math.Ceiling(left.TotalMilliseconds), stopping.Token);
                    }
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException or TimeoutException or SocketException)
            {
                if (!isAway)
                {
                    isAway = true;
                    Log.Away(logger, e);
                }

                await Task.Delay(RetryPause, CancellationToken.None);
            }
        }
    }

    private async Task HintAsync()
    {
        while (true)
        {
            try
            {
                await hint.WaitAsync(stopping.Token);
                await using var command = source.CreateCommand(Notify);
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = node });
                await command.ExecuteNonQueryAsync(stopping.Token);
                await Task.Delay(HintPause, stopping.Token);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException e)
            {
                // Only a hint: the others poll.
                Log.NotHinted(logger, e);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "cannot ask the database for the heads; tries again")]
        public static partial void Away(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Information, "the database tells the heads again")]
        public static partial void Back(ILogger logger);

        [LoggerMessage(3, LogLevel.Debug, "cannot notify the other nodes")]
        public static partial void NotHinted(ILogger logger, Exception exception);
    }
}
