using Exchange.EventStore.Committing;
using Exchange.EventStore.Reading;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Exchange.EventStore.Projections;

/// <summary>
/// Keeps one projection, and a new build of it beside the one that is read when a rebuild was asked for. Several nodes may run the same one:
/// each event still has its effect once.
/// </summary>
public sealed partial class ProjectionRunner : IAsyncDisposable
{
    private const int MaxEvents = 500;
    private const int MaxBytes = 8 << 20;
    private const int MaxReason = 500;
    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);

    private readonly EventLog log;
    private readonly IAsyncProjection projection;
    private readonly ILogger logger;
    private readonly ProjectionTables tables;
    private readonly CancellationTokenSource stopping = new();
    private TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task running = Task.CompletedTask;
    private Dictionary<int, long> positions = [];

    /// <summary>Prepares to run a projection; <see cref="StartAsync"/> begins.</summary>
    public ProjectionRunner(EventLog log, IAsyncProjection projection, ILogger logger)
    {
        this.log = log;
        this.projection = projection;
        this.logger = logger;
        tables = new ProjectionTables(projection.Name);
    }

    private enum Turn
    {
        Idle,
        Applied,
        Gone,
    }

    /// <summary>Makes the projection's first build if there is none, and begins to keep it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await TransactAsync(
            async connection =>
            {
                if (await tables.InsertAsync(connection, cancellationToken))
                {
                    await projection.CreateAsync(connection, 1, cancellationToken);
                    await tables.InsertCheckpointsAsync(connection, projection.Partitions, 1, cancellationToken);
                    await projection.ServeAsync(connection, 1, cancellationToken);
                }
            },
            cancellationToken);
        running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Begins a new build from the first event, beside the active one, which is read until the new one has caught up. Does nothing while one is being made.</summary>
    public async Task RebuildAsync(CancellationToken cancellationToken)
    {
        await TransactAsync(
            async connection =>
            {
                var (active, next) = await tables.LockAloneAsync(connection, cancellationToken);
                if (next is null)
                {
                    await projection.CreateAsync(connection, active + 1, cancellationToken);
                    await tables.InsertCheckpointsAsync(connection, projection.Partitions, active + 1, cancellationToken);
                    await tables.SetBuildsAsync(connection, active, active + 1, cancellationToken);
                    Log.Rebuilding(logger, projection.Name, active + 1);
                }
            },
            cancellationToken);
        Wake();
    }

    /// <summary>Tries again the event at which it stopped, after its cause was mended.</summary>
    public async Task RetryAsync(CancellationToken cancellationToken)
    {
        await TransactAsync(connection => tables.ResumeAsync(connection, projection.Partitions, cancellationToken), cancellationToken);
        Wake();
    }

    /// <summary>How far it is, read from the database.</summary>
    public async Task<ProjectionStatus> ReadStatusAsync(CancellationToken cancellationToken)
    {
        ProjectionStatus? status = null;
        await TransactAsync(
            async connection =>
            {
                var (active, next) = await tables.ReadBuildsAsync(connection, cancellationToken);
                status = new ProjectionStatus(projection.Name, active, next, await tables.ReadProgressAsync(connection, projection.Partitions, cancellationToken));
            },
            cancellationToken);
        return status!;
    }

    /// <summary>Stops after the transaction under way.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!stopping.IsCancellationRequested)
        {
            await stopping.CancelAsync();
            await running;
            stopping.Dispose();
        }
    }

    private async Task RunAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var woken = asked.Task;
                if (!await RunOnceAsync(stopping.Token))
                {
                    await WaitForNewsAsync(woken);
                }
            }
            catch (TimeoutException)
            {
                // Nothing new; another node may have begun a rebuild.
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The database is away, or a rebuild could not be swapped in: both are tried again, neither skips an event.
                Log.Failed(logger, e, projection.Name);
                await Task.Delay(RetryPause, CancellationToken.None);
            }
        }
    }

    /// <summary>Returns when a head of ours moved or somebody asked; throws <see cref="TimeoutException"/> when neither happens for a while.</summary>
    private async Task WaitForNewsAsync(Task woken)
    {
        var heads = new Dictionary<int, long>();
        var next = Task.WhenAny(log.Heads.NextChange, woken);
        while (!woken.IsCompleted && !log.Heads.ReadInto(heads, positions))
        {
            await next.WaitAsync(IdleInterval, stopping.Token);
            next = Task.WhenAny(log.Heads.NextChange, woken);
        }
    }

    private void Wake() => Interlocked.Exchange(ref asked, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>One turn over all partitions of both builds. True when there may be more to do at once.</summary>
    private async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var status = await ReadStatusAsync(cancellationToken);
        var hasMore = false;
        positions = projection.Partitions.ToDictionary(partition => partition, partition => status.Progress.Where(p => p.Partition == partition).Max(p => p.StopReason is null ? p.Head : long.MaxValue));
        foreach (var progress in status.Progress)
        {
            if (progress.StopReason is null && progress.Position < Math.Max(progress.Head, log.Heads.Confirm(progress.Partition).Head))
            {
                hasMore |= await ApplyNextAsync(progress.Build, progress.Partition, MaxEvents, cancellationToken) is Turn.Applied;
            }
        }

        return status.NextBuild is { } next && !hasMore ? await SwapAsync(next, cancellationToken) : hasMore;
    }

    private async Task<Turn> ApplyNextAsync(int build, int partition, int maxEvents, CancellationToken cancellationToken)
    {
        PartitionSlice? slice = null;
        try
        {
            var turn = Turn.Idle;
            await TransactAsync(
                async connection =>
                {
                    var (active, next) = await tables.LockSharedAsync(connection, cancellationToken);
                    if (build != active && build != next)
                    {
                        turn = Turn.Gone;
                        return;
                    }

                    if (await tables.LockCheckpointAsync(connection, partition, build, cancellationToken) is not { } position)
                    {
                        return;
                    }

                    var events = await log.Reader.ReadPartitionAsync(partition, position, maxEvents, MaxBytes, cancellationToken);
                    if (events.Count is 0)
                    {
                        return;
                    }

                    slice = new PartitionSlice(partition, position, events[^1].Position, events);
                    await projection.ApplyAsync(connection, build, slice, cancellationToken);
                    await tables.MoveAsync(connection, partition, build, slice.Through, cancellationToken);
                    turn = Turn.Applied;
                },
                cancellationToken);
            return turn;
        }
        catch (Exception e) when (slice is not null && !CommitFault.IsTransient(e) && e is not (OutOfMemoryException or OperationCanceledException))
        {
            if (slice.Events.Count > 1)
            {
                // One of them is poison: go on one by one, until it stands alone.
                for (var i = 0; i < slice.Events.Count && await ApplyNextAsync(build, partition, 1, cancellationToken) is Turn.Applied; i++)
                {
                }

                return Turn.Applied;
            }

            await StopAsync(build, slice, e, cancellationToken);
            return Turn.Idle;
        }
    }

    private async Task StopAsync(int build, PartitionSlice slice, Exception cause, CancellationToken cancellationToken)
    {
        // A database error's text may quote values; its code does not.
        var reason = cause is PostgresException e ? $"SQLSTATE {e.SqlState}" : $"{cause.GetType().Name}: {cause.Message}";
        reason = reason.Length > MaxReason ? reason[..MaxReason] : reason;
        Log.Stopped(logger, cause, projection.Name, build, slice.Partition, slice.Through);
        await TransactAsync(connection => tables.StopAsync(connection, slice.Partition, build, slice.Through, reason, cancellationToken), cancellationToken);
    }

    /// <summary>Makes the next build the active one if it has read at least as far everywhere. True when something is left to read first.</summary>
    private async Task<bool> SwapAsync(int next, CancellationToken cancellationToken)
    {
        var isBehind = false;
        await TransactAsync(
            async connection =>
            {
                // Nobody applies events while this lock is held: every effect holds it shared.
                var (active, planned) = await tables.LockAloneAsync(connection, cancellationToken);
                if (planned != next)
                {
                    return;
                }

                var progress = await tables.ReadProgressAsync(connection, projection.Partitions, cancellationToken);
                var served = progress.Where(p => p.Build == active).ToDictionary(p => p.Partition, p => p.Position);
                var made = progress.Where(p => p.Build == next).ToList();
                if (made.Any(p => p.StopReason is not null))
                {
                    return;
                }

                if (made.Any(p => p.Position < served[p.Partition]))
                {
                    isBehind = true;
                    return;
                }

                await projection.ServeAsync(connection, next, cancellationToken);
                await tables.SetBuildsAsync(connection, next, null, cancellationToken);
                await tables.DeleteCheckpointsAsync(connection, projection.Partitions, active, cancellationToken);
                await projection.DropAsync(connection, active, cancellationToken);
                Log.Swapped(logger, projection.Name, next);
            },
            cancellationToken);
        return isBehind;
    }

    private async Task TransactAsync(Func<NpgsqlConnection, Task> act, CancellationToken cancellationToken)
    {
        await using var connection = await log.Connections.Plain.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await act(connection);
        await transaction.CommitAsync(CancellationToken.None);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "projection {Name}: makes build {Build} beside the active one")]
        public static partial void Rebuilding(ILogger logger, string name, int build);

        [LoggerMessage(2, LogLevel.Information, "projection {Name}: build {Build} is active")]
        public static partial void Swapped(ILogger logger, string name, int build);

        [LoggerMessage(3, LogLevel.Error, "projection {Name}: build {Build} stopped in partition {Partition} at position {Position}")]
        public static partial void Stopped(ILogger logger, Exception exception, string name, int build, int partition, long position);

        [LoggerMessage(4, LogLevel.Warning, "projection {Name}: a turn failed; tries again")]
        public static partial void Failed(ILogger logger, Exception exception, string name);
    }
}
