using System.Diagnostics;
using Exchange.EventStore.Appending;
using Exchange.EventStore.Reading;
using Exchange.EventStore.Sealing;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Exchange.EventStore.Committing;

/// <summary>
/// Commits items and answers each exactly once: stored, refused, failed, or in doubt. Runs again only what certainly was not committed; asks
/// the database after a commit whose answer was lost. One at a time per instance.
/// </summary>
internal sealed partial class Committer(
    WriterSession session, DataKeys keys, IdempotencyRanges ranges, HeadMonitor heads, EventLogOptions options, TimeProvider time, ILogger logger)
{
    private const string SelectFree = "SELECT partition FROM log.log_partition WHERE partition = ANY ($1) ORDER BY partition FOR UPDATE SKIP LOCKED";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private enum Step
    {
        Committed,
        Again,
        NotCommitted,
        InDoubt,
        Faulted,
    }

    /// <summary>Commits the items, together if possible. Never throws for what a handler or the database does.</summary>
    public async Task CommitAsync(IReadOnlyList<QueuedAppend> items)
    {
        var pending = items;
        var pause = FirstPause;
        var mayPresume = true;
        while (pending.Count > 0)
        {
            var (step, dropped, fault, hasPresumed) = await AttemptAsync(pending, mayPresume);
            switch (step)
            {
                case Step.Committed:
                    return;
                case Step.Again:
                    var (item, answer) = dropped!.Value;
                    item.Complete(answer);
                    pending = [.. pending.Where(other => other != item)];
                    break;
                case Step.NotCommitted when CommitFault.IsLockTimeout(fault!) && await FreeAsync(pending) is { Count: > 0 } free:
                    // Somebody holds a partition: the others need not wait for it.
                    Log.SetsAside(logger, pending.Count - free.Count);
                    await CommitAsync(free);
                    pending = [.. pending.Except(free)];
                    break;
                case Step.NotCommitted when IsTooLate(pending):
                    Log.Unavailable(logger, fault!, pending.Count);
                    Answer(pending, Refused(AppendRefusalReason.Unavailable, "the database could not be reached; retry later", seconds: 1));
                    return;
                case Step.NotCommitted:
                    Log.Retrying(logger, fault!, pending.Count);
                    await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), CancellationToken.None);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                    break;
                case Step.InDoubt:
                    Answer(pending, AppendAnswer.Failed(new AppendInDoubtException(
                        "the database went away during the commit; repeat with the same key to learn what became of it", fault)));
                    return;
                case Step.Faulted when hasPresumed && CommitFault.IsUniqueViolation(fault!):
                    Log.PresumedWrongly(logger, pending.Count);
                    mayPresume = false;
                    break;
                case Step.Faulted when pending.Count is 1 || CommitFault.IsDiskFull(fault!) || IsGivenUp(fault!, pending):
                    Answer(pending, AnswerTo(fault!));
                    return;
                case Step.Faulted:
                    // One of them cannot be committed: halves find it, so that the others can.
                    Log.Splitting(logger, fault!, pending.Count);
                    var half = pending.Count / 2;
                    await CommitAsync([.. pending.Take(half)]);
                    await CommitAsync([.. pending.Skip(half)]);
                    return;
                default:
                    throw new UnreachableException();
            }
        }
    }

    // One transaction, until it is known what became of it. Its events' memory is free again when this returns.
    private async Task<(Step Step, (QueuedAppend Item, AppendAnswer Answer)? Dropped, Exception? Fault, bool HasPresumed)> AttemptAsync(
        IReadOnlyList<QueuedAppend> items, bool mayPresume)
    {
        using var transaction = new AppendTransaction(items, keys, time, mayPresume);
        var (step, dropped, fault) = await TryAsync(transaction);
        if (step is Step.InDoubt)
        {
            Log.CommitInDoubt(logger, fault!, items.Count);
            (step, fault) = await ResolveAsync(transaction, items, fault!);
        }

        if (step is Step.Committed)
        {
            Announce(transaction);
            transaction.Complete();
        }

        return (step, dropped, fault, transaction.HasPresumed);
    }

    /// <summary>
    /// Those that need no partition somebody else holds now, nor one that an item before them needs which has to wait: their order stays. None when
    /// that is all of them.
    /// </summary>
    private async Task<List<QueuedAppend>> FreeAsync(IReadOnlyList<QueuedAppend> pending)
    {
        var partitions = pending.SelectMany(item => item.LockedPartitions).Distinct().ToArray();
        if (pending.Count is 1 || partitions.Length is 1)
        {
            return [];
        }

        var held = partitions.ToHashSet();
        try
        {
            var connection = await session.OpenAsync();
            await using var command = new NpgsqlCommand(SelectFree, connection) { Parameters = { Parameter.Of(partitions) } };
            await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
            while (await reader.ReadAsync(CancellationToken.None))
            {
                held.Remove(reader.GetInt32(0));
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await session.BreakAsync();
            return [];
        }

        var free = new List<QueuedAppend>();
        foreach (var item in pending)
        {
            if (item.LockedPartitions.Any(held.Contains))
            {
                held.UnionWith(item.LockedPartitions);
            }
            else
            {
                free.Add(item);
            }
        }

        return free.Count == pending.Count ? [] : free;
    }

    private async Task<(Step Step, (QueuedAppend Item, AppendAnswer Answer)? Dropped, Exception? Fault)> TryAsync(AppendTransaction transaction)
    {
        NpgsqlConnection connection;
        await using var batch = new NpgsqlBatch();
        List<(string Statement, CopyRows Rows)>? copies = options.OnePartitionPerTransaction ? null : [];
        try
        {
            connection = await session.OpenAsync();
            await transaction.ReadAsync(connection, CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Never the same session again: when a result set breaks off in the middle, Npgsql forgets that the batch's later statements were not
            // prepared (26000 from then on).
            await session.BreakAsync();
            return (CommitFault.IsTransient(e) ? Step.NotCommitted : Step.Faulted, null, e);
        }

        var commit = new NpgsqlBatchCommand("COMMIT");
        NpgsqlBatchCommand? proof;
        try
        {
            var dropped = transaction.Decide();
            if (dropped is not null)
            {
                await session.RollbackAsync();
                return (Step.Again, dropped, null);
            }

            batch.Connection = connection;
            transaction.AddWrites(batch, copies);
            batch.BatchCommands.Add(commit);
            proof = CommitProof.Of(transaction)?.Query();
            if (proof is not null)
            {
                batch.BatchCommands.Add(proof);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await session.RollbackAsync();
            return (Step.Faulted, null, e);
        }

        if (await CopyAsync(connection, copies ?? []) is { } failed)
        {
            await session.BreakAsync();
            return (CommitFault.IsTransient(failed) ? Step.NotCommitted : Step.Faulted, null, failed);
        }

        return await FinishAsync(transaction, batch, commit, proof);
    }

    // Nothing is committed yet: whatever goes wrong here, the transaction is gone.
    private static async Task<Exception?> CopyAsync(NpgsqlConnection connection, List<(string Statement, CopyRows Rows)> copies)
    {
        try
        {
            foreach (var (statement, rows) in copies)
            {
                await using var target = await connection.BeginRawBinaryCopyAsync(statement, CancellationToken.None);
                foreach (var piece in rows.End())
                {
                    await target.WriteAsync(piece, CancellationToken.None);
                }
            }

            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e;
        }
        finally
        {
            copies.ForEach(copy => copy.Rows.Dispose());
        }
    }

    private async Task<(Step Step, (QueuedAppend Item, AppendAnswer Answer)? Dropped, Exception? Fault)> FinishAsync(
        AppendTransaction transaction, NpgsqlBatch batch, NpgsqlBatchCommand commit, NpgsqlBatchCommand? proof)
    {
        try
        {
            session.ClearWarning();
            var isProven = await ExecuteAsync(batch, proof is not null);
            if (session.HasWarning)
            {
                await session.BreakAsync();
                return (Step.InDoubt, null, new InvalidOperationException("the server warned during the commit"));
            }

            // A commit that silently rolled back (its command tag is ROLLBACK) leaves no proof.
            return isProven
                ? (Step.Committed, null, null)
                : (Step.Faulted, null, new InvalidOperationException("the commit succeeded, but what it should have stored is not there"));
        }
        catch (Exception e) when (CommitFault.IsCertainlyAborted(e, commit, proof))
        {
            await session.BreakAsync();
            if (CommitFault.MayBeMissingRange(e) && await EnsureRangesAsync(transaction))
            {
                return (Step.NotCommitted, null, e);
            }

            return (CommitFault.IsTransient(e) ? Step.NotCommitted : Step.Faulted, null, e);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await session.BreakAsync();
            return (Step.InDoubt, null, e);
        }
    }

    /// <summary>
    /// Asks what became of a commit. Waits for the partitions' locks first, so a server process that still works on it is done; commits what it
    /// read, so a synchronous standby has it too before anybody hears of it.
    /// </summary>
    private async Task<(Step Step, Exception? Fault)> ResolveAsync(AppendTransaction transaction, IReadOnlyList<QueuedAppend> pending, Exception doubt)
    {
        // What cannot even be sent fails again and again: halves find whose it is.
        var notStored = CommitFault.IsTransient(doubt) ? Step.NotCommitted : Step.Faulted;
        if (CommitProof.Of(transaction) is not { } proof)
        {
            return (notStored, doubt);
        }

        var began = Stopwatch.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            try
            {
                var connection = await session.OpenAsync();
                await using var batch = new NpgsqlBatch(connection)
                {
                    BatchCommands = { new("BEGIN ISOLATION LEVEL READ COMMITTED"), transaction.LockHeads(), proof.Query(), new("COMMIT") },
                };
                session.ClearWarning();
                var isStored = await ExecuteAsync(batch, hasProof: true);
                if (!session.HasWarning)
                {
                    Log.Resolved(logger, pending.Count, isStored);
                    return isStored ? (Step.Committed, null) : (notStored, doubt);
                }

                await session.BreakAsync();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Also a fault that does not pass by itself (no login, no memory, another database): the question stays open, and the appender lives.
                Log.NotResolved(logger, e);
                await session.BreakAsync();
            }

            if (Stopwatch.GetElapsedTime(began) > options.RetryFor)
            {
                return (Step.InDoubt, doubt);
            }

            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), CancellationToken.None);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Runs a batch; true when its last result set holds one true, or none is expected.</summary>
    private static async Task<bool> ExecuteAsync(NpgsqlBatch batch, bool hasProof)
    {
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        var isProven = false;
        do
        {
            isProven = await reader.ReadAsync(CancellationToken.None) && reader.GetFieldType(0) == typeof(bool) && reader.GetBoolean(0);
        }
        while (await reader.NextResultAsync(CancellationToken.None));
        return isProven || !hasProof;
    }

    private async Task<bool> EnsureRangesAsync(AppendTransaction transaction)
    {
        try
        {
            return await ranges.EnsureAsync(transaction.Partitions.Max(partition => partition.RecordedAt), CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.NoRanges(logger, e);
            return false;
        }
    }

    private void Announce(AppendTransaction transaction)
    {
        foreach (var partition in transaction.Partitions)
        {
            if (partition.HasEvents)
            {
                heads.Advance(partition.Id, partition.Head);
            }
        }

        heads.Signal();
    }

    // Halves find the one that takes too long. When all of them do, it is the database, and each half would wait as long again.
    private bool IsGivenUp(Exception fault, IReadOnlyList<QueuedAppend> pending) =>
        CommitFault.IsTimeout(fault) && Stopwatch.GetElapsedTime(pending[0].QueuedAt) > options.RetryFor + 2 * options.StatementTimeout;

    private bool IsTooLate(IReadOnlyList<QueuedAppend> pending) => Stopwatch.GetElapsedTime(pending[0].QueuedAt) > options.RetryFor;

    private static AppendAnswer AnswerTo(Exception fault) => fault switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } =>
            Refused(AppendRefusalReason.DiskNearlyFull, "the database's volume is full; ask the operator", seconds: 30),
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } =>
            Refused(AppendRefusalReason.Unavailable, "the database took too long; retry later", seconds: 5),
        _ => AppendAnswer.Failed(fault),
    };

    private static AppendAnswer Refused(AppendRefusalReason reason, string message, int seconds) =>
        AppendAnswer.Refused(new AppendRefusal(reason, message) { RetryAfter = TimeSpan.FromSeconds(seconds) });

    private static void Answer(IReadOnlyList<QueuedAppend> items, AppendAnswer answer)
    {
        foreach (var item in items)
        {
            item.Complete(answer);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8, LogLevel.Warning, "a partition is held elsewhere: {Items} appends wait for it, the others go on")]
        public static partial void SetsAside(ILogger logger, int items);

        [LoggerMessage(1, LogLevel.Warning, "the answer to a commit of {Items} appends was lost; asks what became of it")]
        public static partial void CommitInDoubt(ILogger logger, Exception exception, int items);

        [LoggerMessage(2, LogLevel.Information, "a commit of {Items} appends whose answer was lost is stored: {IsStored}")]
        public static partial void Resolved(ILogger logger, int items, bool isStored);

        [LoggerMessage(3, LogLevel.Debug, "runs {Items} appends again")]
        public static partial void Retrying(ILogger logger, Exception exception, int items);

        [LoggerMessage(4, LogLevel.Warning, "{Items} appends cannot be committed together; halves them")]
        public static partial void Splitting(ILogger logger, Exception exception, int items);

        [LoggerMessage(5, LogLevel.Error, "gives up {Items} appends: the database cannot be reached")]
        public static partial void Unavailable(ILogger logger, Exception exception, int items);

        [LoggerMessage(7, LogLevel.Debug, "cannot ask yet what became of a commit")]
        public static partial void NotResolved(ILogger logger, Exception exception);

        [LoggerMessage(9, LogLevel.Information, "something that was presumed not to be there is: runs {Items} appends again")]
        public static partial void PresumedWrongly(ILogger logger, int items);

        [LoggerMessage(6, LogLevel.Error, "cannot make ranges of the idempotency table")]
        public static partial void NoRanges(ILogger logger, Exception exception);
    }
}
