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
    // Large: a stream's events of one turn are one change of its row, and the turn's own statements are shared by more.
    private const int MaxEvents = 10_000;
    private const int MaxBytes = 8 << 20;

    // Small: while a swap applies the rest, nobody else applies anything.
    private const int MaxSwapEvents = 2_000;
    private const int MaxReason = 500;
    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);

    private readonly EventLog log;
    private readonly IAsyncProjection projection;
    private readonly ILogger logger;
    private readonly ProjectionTables tables;
    private readonly ReadAhead servedEvents;
    private readonly ReadAhead nextEvents;
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
        servedEvents = new ReadAhead(log, MaxBytes);
        nextEvents = new ReadAhead(log, MaxBytes);
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

    /// <summary>
    /// Begins a new build from the first event, beside the active one, which is read until the new one has caught up. Does nothing while one is
    /// being made.
    /// </summary>
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
                var progress = await tables.ReadProgressAsync(connection, projection.Partitions, cancellationToken);
                status = new ProjectionStatus(projection.Name, active, next, progress);
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
            await servedEvents.DisposeAsync();
            await nextEvents.DisposeAsync();
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

    /// <summary>One turn over both builds. True when there may be more to do at once.</summary>
    private async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var status = await ReadStatusAsync(cancellationToken);
        positions = projection.Partitions.ToDictionary(
            partition => partition, partition => status.Progress.Where(p => p.Partition == partition).Max(p => p.StopReason is null ? p.Head : long.MaxValue));
        var hasMore = false;
        foreach (var build in status.Progress.Where(p => p.StopReason is null && p.Position < p.Head).GroupBy(p => p.Build, p => p.Partition))
        {
            foreach (var partitions in log.OnePartitionPerTransaction ? build.Select(partition => new[] { partition }) : [build.ToArray()])
            {
                hasMore |= await ApplyAsync(build.Key, partitions, MaxEvents, cancellationToken);
            }
        }

        return (status.NextBuild is { } next && IsNear(status, next) && await SwapAsync(next, cancellationToken)) || hasMore;
    }

    /// <summary>True when so little is missing, as far as it was before this turn, that a swap is worth its locks.</summary>
    private static bool IsNear(ProjectionStatus status, int next)
    {
        var served = status.Progress.Where(p => p.Build == status.ActiveBuild).ToDictionary(p => p.Partition, p => p.Position);
        return status.Progress.Where(p => p.Build == next).Sum(p => Math.Max(0, served[p.Partition] - p.Position)) <= MaxSwapEvents;
    }

    /// <summary>Applies what comes next in some partitions, in one transaction. True when anything had its effect.</summary>
    private async Task<bool> ApplyAsync(int build, IReadOnlyList<int> partitions, int maxEvents, CancellationToken cancellationToken)
    {
        List<PartitionSlice> slices = [];
        try
        {
            await TransactAsync(
                async connection =>
                {
                    var (active, next) = await tables.LockSharedAsync(connection, cancellationToken);
                    if (build == active || build == next)
                    {
                        if (build == next)
                        {
                            await ProjectionTables.DeferDurabilityAsync(connection, cancellationToken);
                        }

                        var from = await tables.LockCheckpointsAsync(connection, partitions, build, cancellationToken);
                        slices = await (build == next ? nextEvents : servedEvents).ReadAsync(from, maxEvents, cancellationToken);
                        await ApplyAsync(connection, build, slices, cancellationToken);
                    }
                },
                cancellationToken);
            return slices.Count > 0;
        }
        catch (Exception e) when (slices.Count > 0 && !CommitFault.IsTransient(e) && e is not (OutOfMemoryException or OperationCanceledException))
        {
            return await IsolateAsync(build, slices, e, cancellationToken);
        }
    }

    private async Task ApplyAsync(NpgsqlConnection connection, int build, List<PartitionSlice> slices, CancellationToken cancellationToken)
    {
        foreach (var slice in slices)
        {
            await projection.ApplyAsync(connection, build, slice, cancellationToken);
        }

        if (slices.Count > 0)
        {
            await tables.MoveAsync(connection, build, slices, cancellationToken);
        }
    }

    /// <summary>One of the events is poison: goes on by partition, then by halves, until it stands alone, and stops there.</summary>
    private async Task<bool> IsolateAsync(int build, List<PartitionSlice> slices, Exception cause, CancellationToken cancellationToken)
    {
        if (slices is [{ Events: [_] } single])
        {
            await StopAsync(build, single, cause, cancellationToken);
            return false;
        }

        var hasApplied = false;
        foreach (var slice in slices)
        {
            var size = slices.Count is 1 ? (slice.Events.Count + 1) / 2 : slice.Events.Count;
            for (var left = slice.Events.Count; left > 0 && await ApplyAsync(build, [slice.Partition], size, cancellationToken); left -= size)
            {
                hasApplied = true;
            }
        }

        return hasApplied;
    }

    private async Task StopAsync(int build, PartitionSlice slice, Exception cause, CancellationToken cancellationToken)
    {
        // A database error's text may quote values; its code does not.
        var reason = cause is PostgresException e ? $"SQLSTATE {e.SqlState}" : $"{cause.GetType().Name}: {cause.Message}";
        reason = reason.Length > MaxReason ? reason[..MaxReason] : reason;
        Log.Stopped(logger, cause, projection.Name, build, slice.Partition, slice.Through);
        await TransactAsync(connection => tables.StopAsync(connection, slice.Partition, build, slice.Through, reason, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Makes the next build the active one when it has read nearly as far: the rest is applied while nobody can move the active one. True when it
    /// did, or must read on first.
    /// </summary>
    private async Task<bool> SwapAsync(int next, CancellationToken cancellationToken)
    {
        var hasMore = true;
        await TransactAsync(
            async connection =>
            {
                // Nobody applies events while this lock is held: every effect holds it shared.
                var (active, planned) = await tables.LockAloneAsync(connection, cancellationToken);
                var progress = await tables.ReadProgressAsync(connection, projection.Partitions, cancellationToken);
                var served = progress.Where(p => p.Build == active).ToDictionary(p => p.Partition, p => p.Position);
                var made = progress.Where(p => p.Build == next).ToList();
                if (planned != next || made.Any(p => p.StopReason is not null))
                {
                    hasMore = false;
                    return;
                }

                var rest = made.Where(p => p.Position < served[p.Partition])
                    .Select(p => (p.Partition, After: p.Position, Through: served[p.Partition])).ToList();
                if (rest.Sum(piece => piece.Through - piece.After) > MaxSwapEvents)
                {
                    return;
                }

                if (rest.Count > 0)
                {
                    var slices = await log.Reader.ReadSlicesAsync(rest, int.MaxValue, areBrief: false, cancellationToken);
                    await ApplyAsync(connection, next, slices, cancellationToken);
                }

                await projection.ServeAsync(connection, next, cancellationToken);
                await tables.SetBuildsAsync(connection, next, null, cancellationToken);
                await tables.DeleteCheckpointsAsync(connection, projection.Partitions, active, cancellationToken);
                await projection.DropAsync(connection, active, cancellationToken);
                Log.Swapped(logger, projection.Name, next);
            },
            cancellationToken);
        return hasMore;
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
