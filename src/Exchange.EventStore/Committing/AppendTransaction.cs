using System.Runtime.InteropServices;
using Exchange.EventStore.Appending;
using Exchange.EventStore.Sealing;
using Npgsql;

namespace Exchange.EventStore.Committing;

/// <summary>One attempt to commit several items in one transaction: read, decide, write; two round trips. Used once.</summary>
internal sealed class AppendTransaction : IDisposable
{
    private readonly IReadOnlyList<QueuedAppend> items;
    private readonly DataKeys keys;
    private readonly AppendReads reads;
    private readonly List<(IAppendHandler Handler, IAppendParticipant Participant)> participants = [];
    private readonly AppendAnswer?[] answers;

    public AppendTransaction(IReadOnlyList<QueuedAppend> items, DataKeys keys, TimeProvider time, bool mayPresume)
    {
        this.items = items;
        this.keys = keys;
        reads = new AppendReads(items, keys, time, mayPresume);
        answers = new AppendAnswer?[items.Count];
    }

    public EventRows Events { get; } = new();

    public AnswerColumns NewAnswers { get; } = new();

    public IEnumerable<LockedPartition> Partitions => reads.Partitions;

    /// <summary>True when something was presumed: then a broken unique key may mean that it was presumed wrongly.</summary>
    public bool HasPresumed => reads.HasPresumed;

    /// <summary>First round trip: begins, locks the heads, and reads what the decisions need.</summary>
    public Task ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var byHandler in items.SelectMany(item => item.Units).GroupBy(unit => unit.Handler))
        {
            participants.Add((byHandler.Key, byHandler.Key.Join([.. byHandler])));
        }

        return reads.ReadAsync(connection, participants.Select(joined => joined.Participant), cancellationToken);
    }

    /// <summary>
    /// Decides every item. One that failed, or refused after others of its units were decided, comes back: the transaction must start anew without
    /// it. Those behind it are not asked, for what it left in a participant is not theirs to answer for.
    /// </summary>
    public (QueuedAppend Item, AppendAnswer Answer)? Decide()
    {
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            var decided = 0;
            try
            {
                answers[i] = Decide(item, ref decided);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Whatever a handler throws is its submission's, and only its.
                return (item, AppendAnswer.Failed(e));
            }

            if (answers[i]!.Refusal is not null && decided > 0)
            {
                return (item, answers[i]!);
            }
        }

        return null;
    }

    /// <summary>Adds everything that is written before the commit: to the second round trip, and what is many rows to the copies before it.</summary>
    /// <param name="batch">The second round trip.</param>
    /// <param name="copies">What is copied before it; null when nothing may be.</param>
    public void AddWrites(NpgsqlBatch batch, List<(string Statement, CopyRows Rows)>? copies)
    {
        if (Events.Count >= CopyRows.Worthwhile && copies is not null)
        {
            copies.Add((AppendSql.CopyEvents, Events.ToCopy()));
        }
        else if (Events.Count > 0)
        {
            Events.AddTo(batch, reads.Sql);
        }

        NewKeyColumns.AddTo(batch, reads.Sql, reads.Partitions, keys.Hub);
        var writes = new WriteBatch(batch, copies);
        foreach (var (_, participant) in participants)
        {
            participant.AddWrites(writes);
        }

        if (NewAnswers.Count > 0)
        {
            NewAnswers.AddTo(batch);
        }

        if (Events.Count > 0)
        {
            HeadColumns.AddTo(batch, reads.Sql, reads.Partitions);
        }
    }

    /// <summary>Locks the same partitions again, to ask what became of the commit.</summary>
    public NpgsqlBatchCommand LockHeads() => reads.LockHeads();

    /// <summary>Gives the events' memory back; more than once does no harm.</summary>
    public void Dispose() => Events.Dispose();

    /// <summary>After the commit: keeps the new keys and answers all items.</summary>
    public void Complete()
    {
        foreach (var partition in reads.Partitions)
        {
            foreach (var key in partition.NewKeys)
            {
                keys.Cache.Add(key, partition.KeyEpoch);
            }
        }

        for (var i = 0; i < items.Count; i++)
        {
            items[i].Complete(answers[i]!);
        }
    }

    /// <param name="item">The item.</param>
    /// <param name="decided">Raised for every unit that a participant has taken into account.</param>
    private AppendAnswer Decide(QueuedAppend item, ref int decided)
    {
        var isClaimed = false;
        if (item.Use is QueuedAppend.KeyUse.Whole or QueuedAppend.KeyUse.Claim
            && reads.TryGetRequest(item, out var request))
        {
            if (!request.Fingerprint.AsSpan().SequenceEqual(item.Key!.Fingerprint.Span))
            {
                return AppendAnswer.Refused(new AppendRefusal(
                    AppendRefusalReason.KeyReused, "the idempotency key was used for another request; use a new key"));
            }

            if (request.Outcome is not null)
            {
                return new AppendAnswer { IsReplay = true, Units = StoredOutcome.Read(request.Outcome) };
            }

            isClaimed = true;
        }

        if (item.Use is QueuedAppend.KeyUse.Claim)
        {
            if (!isClaimed)
            {
                NewAnswers.Add(AnswerName.OfRequest(item), reads.Partition(item.KeyPartition).RecordedAt, item.Key!.Fingerprint, null);
            }

            return new AppendAnswer { MayProceed = true, WasClaimed = isClaimed };
        }

        var isPart = isClaimed || item.Use is QueuedAppend.KeyUse.Part or QueuedAppend.KeyUse.Unit;
        var results = new UnitResult[item.Units.Length];
        var stored = new List<UnitResult>(isPart ? results.Length : 0);
        for (var u = 0; u < results.Length; u++)
        {
            var unit = item.Units[u];
            if (isPart && reads.TryGetUnit(item, unit, out results[u]))
            {
                continue;
            }

            var partition = reads.Partition(unit.Partition);
            var context = new AppendContext(this, partition, unit);
            ParticipantOf(unit.Handler).Decide(unit, context);
            if (context.Refusal is not null)
            {
                return AppendAnswer.Refused(context.Refusal);
            }

            decided++;
            results[u] = new UnitResult(unit.Partition, context.FirstPosition, context.LastPosition, partition.RecordedAt, context.Outcome);
            if (isPart)
            {
                stored.Add(results[u]);
            }
        }

        if (stored.Count > 0)
        {
            AddPart(item, stored);
        }
        else if (item.Use is QueuedAppend.KeyUse.Whole && !isClaimed)
        {
            NewAnswers.Add(AnswerName.OfRequest(item), reads.Partition(item.KeyPartition).RecordedAt, item.Key!.Fingerprint, StoredOutcome.Write(results));
        }

        return new AppendAnswer { Units = results, IsReplay = isPart && stored.Count is 0 };
    }

    // INVARIANT: who asks whether a unit is stored holds its partition's lock, as who stored it did; so it sees this row, in whichever partition it is.
    // A repeat looks for both forms of rows and writes both: the first call, on a node of the other form, may come to its units later, and looks for its own.
    private void AddPart(QueuedAppend item, List<UnitResult> stored)
    {
        var isRepeat = item.IsRepeat || item.Use is QueuedAppend.KeyUse.Whole;
        if (isRepeat || item.Use is QueuedAppend.KeyUse.Unit)
        {
            foreach (var unit in stored)
            {
                AddPart(item, AnswerName.OfUnit(item, unit.Partition), unit.Partition, [unit]);
            }
        }

        if (isRepeat || item.Use is not QueuedAppend.KeyUse.Unit)
        {
            var lowest = stored.Min(unit => unit.Partition);
            AddPart(item, AnswerName.OfPart(item, lowest), lowest, CollectionsMarshal.AsSpan(stored));
        }
    }

    private void AddPart(QueuedAppend item, AnswerName name, int partition, ReadOnlySpan<UnitResult> stored) =>
        NewAnswers.Add(name, reads.Partition(partition).RecordedAt, item.Key!.Fingerprint, StoredOutcome.Write(stored));

    private IAppendParticipant ParticipantOf(IAppendHandler handler)
    {
        foreach (var (candidate, participant) in participants)
        {
            if (ReferenceEquals(candidate, handler))
            {
                return participant;
            }
        }

        throw new InvalidOperationException("a unit's handler must be the same at every call");
    }
}
