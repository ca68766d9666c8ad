using System.Runtime.ExceptionServices;
using Exchange.EventStore.Appending;

namespace Exchange.EventStore.Committing;

/// <summary>Brings submissions to the appenders of their partitions and puts the answers together.</summary>
internal sealed class AppendRouter
{
    /// <summary>
    /// Appenders beside those of records: governance's and audit's, whose callers wait for single events. What holds a partition of one kind stops no other.
    /// </summary>
    public const int OtherAppenders = 2;

    private readonly IReadOnlyList<Appender> appenders;
    private readonly PartitionMap partitions;
    private readonly Dictionary<int, int> appenderOf;
    private readonly int recordAppenders;
    private readonly DiskGuard disk;
    private readonly bool onePartitionPerTransaction;

    public AppendRouter(IReadOnlyList<Appender> appenders, PartitionMap partitions, DiskGuard disk, EventLogOptions options)
    {
        this.appenders = appenders;
        this.partitions = partitions;
        this.disk = disk;
        onePartitionPerTransaction = options.OnePartitionPerTransaction;

        // Records are shared out, so that while the database writes for one appender another decides.
        recordAppenders = appenders.Count - OtherAppenders;
        appenderOf = partitions.Records.Index().ToDictionary(record => record.Item, record => record.Index % recordAppenders);
        appenderOf.Add(partitions.Governance, recordAppenders);
        foreach (var partition in partitions.Audits)
        {
            appenderOf.Add(partition, recordAppenders + 1);
        }
    }

    public async Task<AppendResult> AppendAsync(AppendSubmission submission, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Check(submission);
        if (disk.Refuses(isAudit: submission.Units.All(unit => partitions.Audits.Contains(unit.Partition))))
        {
            return AppendResult.Refused(new AppendRefusal(
                AppendRefusalReason.DiskNearlyFull, "the database's volume has too little free space; ask the operator") { RetryAfter = TimeSpan.FromSeconds(30) });
        }

        var items = Split(submission);
        if (!HaveRoom(items))
        {
            return AppendResult.Refused(new AppendRefusal(
                AppendRefusalReason.Overloaded, "too many appends are waiting; retry later") { RetryAfter = TimeSpan.FromMilliseconds(200) });
        }

        foreach (var item in items)
        {
            appenders[Lane(item)].Enqueue(item);
        }

        try
        {
            AppendAnswer[] answers = items is [var only]
                ? [await only.Completion.WaitAsync(cancellationToken)]
                : await Task.WhenAll(items.Select(item => item.Completion)).WaitAsync(cancellationToken);
            return Combine(submission, items, answers);
        }
        catch (OperationCanceledException)
        {
            foreach (var item in items)
            {
                item.TryCancel();
            }

            throw;
        }
    }

    private bool HaveRoom(IReadOnlyList<QueuedAppend> items) => items is [var only]
        ? appenders[Lane(only)].HasRoom(only.EventCount, only.SizeBytes)
        : items.GroupBy(Lane).All(lane => appenders[lane.Key].HasRoom(lane.Sum(item => item.EventCount), lane.Sum(item => item.SizeBytes)));

    // One appender takes what is whole of records: calls of single ones, which commit together then. Of two with one key the first is decided first.
    private int Lane(QueuedAppend item)
    {
        var lane = appenderOf[item.Units is [var unit, ..] ? unit.Partition : item.KeyPartition];
        return item.Use is QueuedAppend.KeyUse.Whole && !onePartitionPerTransaction && lane < recordAppenders ? 0 : lane;
    }

    private void Check(AppendSubmission submission)
    {
        if (submission.Units.Count is 0)
        {
            throw new ArgumentException("a submission needs a unit", nameof(submission));
        }

        var seen = submission.Units.Count is 1 ? null : new HashSet<int>();
        foreach (var unit in submission.Units)
        {
            if (!appenderOf.ContainsKey(unit.Partition) || seen?.Add(unit.Partition) is false)
            {
                throw new ArgumentException($"partition {unit.Partition} does not exist or has two units", nameof(submission));
            }
        }

        if (submission.Key is { } key && (key.Client.Length > 200 || key.Key.Length is 0 or > 200 || key.Fingerprint.Length is 0 or > 64))
        {
            throw new ArgumentException("the idempotency key is out of its bounds", nameof(submission));
        }

        if (submission.KeyPartition is { } partition && !appenderOf.ContainsKey(partition))
        {
            throw new ArgumentException($"partition {partition} does not exist", nameof(submission));
        }
    }

    private List<QueuedAppend> Split(AppendSubmission submission)
    {
        var key = submission.Key;
        if (key is null && submission.Units is [var single])
        {
            return [Item([single], QueuedAppend.KeyUse.None, null, 0, null)];
        }

        var keyPartition = key is null ? 0 : submission.KeyPartition ?? partitions.ForKey(key.Client, key.Key);
        var groups = submission.Units.GroupBy(unit => onePartitionPerTransaction ? unit.Partition : appenderOf[unit.Partition]).ToList();
        if (key is null)
        {
            return groups.ConvertAll(group => Item([.. group], QueuedAppend.KeyUse.None, null, 0, null));
        }

        // What one transaction holds keeps its key with it, also when its units' partitions are another appender's: the locks make one wait for the other,
        // which costs less than a transaction for the key before that of the units.
        if (groups is [var only] && (!onePartitionPerTransaction || only.Key == keyPartition))
        {
            return [Item([.. only], QueuedAppend.KeyUse.Whole, key, keyPartition, null)];
        }

        var claim = Item([], QueuedAppend.KeyUse.Claim, key, keyPartition, null);
        var use = onePartitionPerTransaction ? QueuedAppend.KeyUse.Unit : QueuedAppend.KeyUse.Part;
        return [claim, .. groups.Select(group => Item([.. group], use, key, keyPartition, claim))];
    }

    private static QueuedAppend Item(AppendUnit[] units, QueuedAppend.KeyUse use, IdempotencyKey? key, int keyPartition, QueuedAppend? claim)
    {
        var (events, bytes) = (0, 200L);
        foreach (var unit in units)
        {
            events += unit.EventCount;
            bytes += unit.SizeBytes;
        }

        return new QueuedAppend { Units = units, Use = use, Key = key, KeyPartition = keyPartition, ClaimedBy = claim, EventCount = events, SizeBytes = bytes };
    }

    private static AppendResult Combine(AppendSubmission submission, List<QueuedAppend> items, AppendAnswer[] answers)
    {
        if (answers.FirstOrDefault(answer => answer.Error is not null) is { } failed)
        {
            ExceptionDispatchInfo.Throw(failed.Error!);
        }

        if (answers.FirstOrDefault(answer => answer.Refusal is not null) is { } refused)
        {
            return AppendResult.Refused(refused.Refusal!);
        }

        if (answers.Length is 1 || (items[0].Use is QueuedAppend.KeyUse.Claim && answers[0].IsReplay))
        {
            return new AppendResult { IsReplay = answers[0].IsReplay, Units = answers[0].Units };
        }

        var byPartition = answers.SelectMany(answer => answer.Units).ToDictionary(unit => unit.Partition);
        return new AppendResult
        {
            IsReplay = items.Zip(answers).All(pair => pair.First.Use is QueuedAppend.KeyUse.Claim || pair.Second.IsReplay),
            Units = [.. submission.Units.Select(unit => byPartition[unit.Partition])],
        };
    }
}
