using Exchange.EventStore.Appending;

namespace Exchange.EventStore.Committing;

/// <summary>Commits what is queued for its share of the partitions: while one transaction is under way the next one's items gather.</summary>
internal sealed class Appender : IAsyncDisposable
{
    // Items of one transaction that are worth waiting for when their callers come again.
    private const int Crowd = 8;

    private readonly Committer committer;
    private readonly WriterSession session;
    private readonly EventLogOptions options;
    private readonly Lock gate = new();
    private readonly LinkedList<QueuedAppend> queue = new();
    private readonly Task running;
    private TaskCompletionSource wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int queuedEvents;
    private long queuedBytes;
    private bool isClosing;

    public Appender(Committer committer, WriterSession session, EventLogOptions options)
    {
        this.committer = committer;
        this.session = session;
        this.options = options;
        running = Task.Run(RunAsync);
    }

    /// <summary>True when the queue takes as much more. An empty queue takes anything.</summary>
    public bool HasRoom(int events, long bytes)
    {
        lock (gate)
        {
            return queue.Count is 0
                || (queuedEvents + events <= options.MaxQueuedEvents && queuedBytes + bytes <= options.MaxQueuedBytes);
        }
    }

    /// <summary>Queues an item behind all others of this appender. Answers it at once when this node is stopping.</summary>
    public void Enqueue(QueuedAppend item)
    {
        lock (gate)
        {
            if (!isClosing)
            {
                queue.AddLast(item);
                queuedEvents += item.EventCount;
                queuedBytes += item.SizeBytes;
                wake.TrySetResult();
                return;
            }
        }

        item.Complete(Closed);
    }

    /// <summary>Commits what is queued, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            isClosing = true;
            wake.TrySetResult();
        }

        await running;
        await session.DisposeAsync();
    }

    private static AppendAnswer Closed => AppendAnswer.Refused(
        new AppendRefusal(AppendRefusalReason.Closed, "this node is stopping; retry on another") { RetryAfter = TimeSpan.FromSeconds(1) });

    private async Task RunAsync()
    {
        while (true)
        {
            List<QueuedAppend> taken;
            Task wait;
            lock (gate)
            {
                wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                taken = Take();
                if (taken.Count is 0 && isClosing && queue.Count is 0)
                {
                    return;
                }

                wait = queue.First?.Value.ClaimedBy is { } claim ? Task.WhenAny(wake.Task, claim.Completion) : wake.Task;
            }

            if (taken.Count is 0)
            {
                await wait;
            }
            else if (options.OnePartitionPerTransaction)
            {
                foreach (var group in taken.GroupBy(item => item.Units is [var unit, ..] ? unit.Partition : item.KeyPartition).OrderBy(group => group.Key))
                {
                    await CommitAsync([.. group]);
                }
            }
            else
            {
                await CommitAsync(taken);
            }

            if (taken.Count is 0 or >= Crowd)
            {
                await BehindOthersAsync();
            }
        }
    }

    // Whoever has a place in the thread pool's queue comes along with the next transaction: those who come with the caller who woke the appender, and of a
    // crowd that has its answers those who append again at once. Where nobody waits for a processor, this takes no time.
    private static Task BehindOthersAsync()
    {
        var turn = new TaskCompletionSource();
        ThreadPool.UnsafeQueueUserWorkItem(static turn => turn.SetResult(), turn, preferLocal: false);
        return turn.Task;
    }

    // Whatever happens to one transaction, the appender lives: without it, its partitions would take no write until the node starts anew.
    private async Task CommitAsync(IReadOnlyList<QueuedAppend> items)
    {
        try
        {
            await committer.CommitAsync(items);
        }
        catch (Exception e)
        {
            await session.BreakAsync();
            var doubt = AppendAnswer.Failed(new AppendInDoubtException("the append broke off; repeat with the same key to learn what became of it", e));
            foreach (var item in items)
            {
                item.Complete(doubt);
            }
        }
    }

    // Units are taken in order, so that what is submitted first for a stream is decided first; they may wait for a claim in another
    // appender's queue. Claims wait for nothing and overtake waiting units, so no two appenders wait for each other.
    private List<QueuedAppend> Take()
    {
        var taken = new List<QueuedAppend>();
        var names = new HashSet<(string Client, string Key)>();
        var (events, bytes, isWaiting) = (0, 0L, false);
        var next = queue.First;
        while (next is { } node)
        {
            next = node.Next;
            var item = node.Value;
            if (isWaiting && item.Use is not QueuedAppend.KeyUse.Claim)
            {
                continue;
            }

            if (item.ClaimedBy is { } claim)
            {
                if (!claim.Completion.IsCompleted)
                {
                    isWaiting = true;
                    continue;
                }

                if (!claim.Completion.Result.MayProceed)
                {
                    Remove(node);
                    item.Complete(claim.Completion.Result);
                    continue;
                }
            }

            var isFull = taken.Count > 0 && (events + item.EventCount > options.MaxTransactionEvents || bytes + item.SizeBytes > options.MaxTransactionBytes);
            if (isFull || (item.Key is { } key && names.Contains((key.Client, key.Key))))
            {
                // A second item with one key must see what the first stored.
                break;
            }

            Remove(node);
            if (!item.TryTake())
            {
                item.Complete(Closed);
                continue;
            }

            if (item.Key is { } name)
            {
                names.Add((name.Client, name.Key));
            }

            taken.Add(item);
            events += item.EventCount;
            bytes += item.SizeBytes;
        }

        return taken;
    }

    private void Remove(LinkedListNode<QueuedAppend> node)
    {
        queue.Remove(node);
        queuedEvents -= node.Value.EventCount;
        queuedBytes -= node.Value.SizeBytes;
    }
}
