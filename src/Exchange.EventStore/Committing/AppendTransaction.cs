using Exchange.EventStore.Appending;
using Exchange.EventStore.Sealing;
using Npgsql;

namespace Exchange.EventStore.Committing;

/// <summary>One attempt to commit several items in one transaction: read, decide, write; two round trips. Used once.</summary>
internal sealed class AppendTransaction
{
    private readonly IReadOnlyList<QueuedAppend> items;
    private readonly DataKeys keys;
    private readonly TimeProvider time;
    private readonly int[] partitionIds;
    private readonly AppendSql sql;
    private readonly Dictionary<int, LockedPartition> partitions;
    private readonly List<(IAppendHandler Handler, IAppendParticipant Participant)> participants = [];
    private readonly Dictionary<AnswerName, StoredAnswer> storedAnswers = [];
    private readonly AppendAnswer?[] answers;

    public AppendTransaction(IReadOnlyList<QueuedAppend> items, DataKeys keys, TimeProvider time)
    {
        this.items = items;
        this.keys = keys;
        this.time = time;
        var ids = new SortedSet<int>();
        foreach (var item in items)
        {
            foreach (var unit in item.Units)
            {
                ids.Add(unit.Partition);
            }

            if (item.Use is QueuedAppend.KeyUse.Whole or QueuedAppend.KeyUse.Claim)
            {
                ids.Add(item.KeyPartition);
            }
        }

        // INVARIANT: locks are taken in ascending order of partition everywhere, so that appends of two nodes never wait for each other in a circle.
        partitionIds = [.. ids];
        partitions = new Dictionary<int, LockedPartition>(partitionIds.Length);
        sql = partitionIds.Length is 1 ? AppendSql.One : AppendSql.Many;
        answers = new AppendAnswer?[items.Count];
    }

    public EventColumns Events { get; } = new();

    public AnswerColumns NewAnswers { get; } = new();

    public IReadOnlyCollection<LockedPartition> Partitions => partitions.Values;

    /// <summary>First round trip: begins, locks the heads, and reads what the decisions need.</summary>
    public async Task ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN ISOLATION LEVEL READ COMMITTED"));
        var readers = new List<Func<NpgsqlDataReader, CancellationToken, ValueTask>>();
        var reads = new ReadBatch(batch, readers);
        var (sealedPartitions, sealedStreams, cachedStreams) = SealedStreams();
        AddHeads(reads);
        AddAnswers(reads, items.Where(item => item.Use is not QueuedAppend.KeyUse.None).SelectMany(NamesToLookUp));
        AddVersions(reads);
        AddKeys(reads, sealedPartitions, sealedStreams);
        foreach (var byHandler in items.SelectMany(item => item.Units).GroupBy(unit => unit.Handler))
        {
            var participant = byHandler.Key.Join([.. byHandler]);
            participants.Add((byHandler.Key, participant));
            participant.AddReads(reads);
        }

        await ExecuteAsync(batch, readers, cancellationToken);
        foreach (var (partition, streamId) in sealedPartitions.Zip(sealedStreams))
        {
            partitions[partition].SetKeyAbsent(streamId);
        }

        await ReadMoreAsync(connection, cachedStreams, cancellationToken);
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

    /// <summary>Adds everything the second round trip writes before the commit. False when there is nothing to write.</summary>
    public bool AddWrites(NpgsqlBatch batch)
    {
        if (Events.Count > 0)
        {
            Events.AddTo(batch, sql);
        }

        NewKeyColumns.AddTo(batch, sql, partitions.Values, keys.Hub);
        var writes = new WriteBatch(batch);
        foreach (var (_, participant) in participants)
        {
            participant.AddWrites(writes);
        }

        if (NewAnswers.Count > 0)
        {
            NewAnswers.AddTo(batch, sql);
        }

        if (Events.Count > 0)
        {
            HeadColumns.AddTo(batch, sql, partitionIds.Select(id => partitions[id]));
        }

        return batch.BatchCommands.Count > 0;
    }

    /// <summary>Locks the same partitions again, to ask what became of the commit.</summary>
    public NpgsqlBatchCommand LockHeads() => new(sql.LockHeads) { Parameters = { HeadParameter() } };

    /// <summary>After the commit: keeps the new keys and answers all items.</summary>
    public void Complete()
    {
        foreach (var partition in partitions.Values)
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
            && storedAnswers.TryGetValue(AnswerName.OfRequest(item), out var request))
        {
            if (!request.Fingerprint.AsSpan().SequenceEqual(item.Key!.Fingerprint.Span))
            {
                return AppendAnswer.Refused(new AppendRefusal(AppendRefusalReason.KeyReused, "the idempotency key was used for another request; use a new key"));
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
                NewAnswers.Add(AnswerName.OfRequest(item), partitions[item.KeyPartition].RecordedAt, item.Key!.Fingerprint, null);
            }

            return new AppendAnswer { MayProceed = true };
        }

        var answersByUnit = isClaimed || item.Use is QueuedAppend.KeyUse.Units;
        var results = new UnitResult[item.Units.Length];
        var replayed = 0;
        for (var u = 0; u < results.Length; u++)
        {
            var unit = item.Units[u];
            if (answersByUnit && storedAnswers.TryGetValue(AnswerName.OfUnit(item, unit), out var stored))
            {
                results[u] = StoredOutcome.Read(stored.Outcome!)[0];
                replayed++;
                continue;
            }

            var partition = partitions[unit.Partition];
            var context = new AppendContext(this, partition, unit);
            ParticipantOf(unit.Handler).Decide(unit, context);
            if (context.Refusal is not null)
            {
                return AppendAnswer.Refused(context.Refusal);
            }

            decided++;
            results[u] = new UnitResult(unit.Partition, context.FirstPosition, context.LastPosition, partition.RecordedAt, context.Outcome);
            if (answersByUnit)
            {
                NewAnswers.Add(AnswerName.OfUnit(item, unit), partition.RecordedAt, item.Key!.Fingerprint, StoredOutcome.Write([results[u]]));
            }
        }

        if (item.Use is QueuedAppend.KeyUse.Whole && !isClaimed)
        {
            NewAnswers.Add(AnswerName.OfRequest(item), partitions[item.KeyPartition].RecordedAt, item.Key!.Fingerprint, StoredOutcome.Write(results));
        }

        return new AppendAnswer { Units = results, IsReplay = replayed == results.Length };
    }

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

    private void AddHeads(ReadBatch reads)
    {
        var now = time.GetUtcNow().Truncated();
        var command = reads.Add(sql.LockHeads, async (reader, cancellationToken) =>
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                DateTimeOffset last = reader.GetDateTime(3);
                var locked = new LockedPartition
                {
                    Id = reader.GetInt32(0),
                    Head = reader.GetInt64(1),
                    HeadHash = reader.GetFieldValue<byte[]>(2),
                    RecordedAt = last > now ? last : now,
                    KeyEpoch = reader.GetInt64(4),
                };
                partitions.Add(locked.Id, locked);
                keys.Cache.NoteEpoch(locked.Id, locked.KeyEpoch);
            }

            if (partitions.Count != partitionIds.Length)
            {
                throw new InvalidOperationException($"there is no partition {string.Join(", ", partitionIds.Except(partitions.Keys))}");
            }
        });
        command.Parameters.Add(HeadParameter());
    }

    private NpgsqlParameter HeadParameter() => sql == AppendSql.One ? Parameter.Of(partitionIds[0]) : Parameter.Of(partitionIds);

    private static IEnumerable<AnswerName> NamesToLookUp(QueuedAppend item) => item.Use is QueuedAppend.KeyUse.Units
        ? item.Units.Select(unit => AnswerName.OfUnit(item, unit))
        : [AnswerName.OfRequest(item)];

    private void AddAnswers(ReadBatch reads, IEnumerable<AnswerName> names)
    {
        var wanted = names.ToList();
        if (wanted.Count is 0)
        {
            return;
        }

        var command = reads.Add(sql.SelectAnswers, async (reader, cancellationToken) =>
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var name = new AnswerName(reader.GetInt32(0), reader.GetString(1), reader.GetString(2), reader.GetInt16(3));
                storedAnswers[name] = new StoredAnswer(reader.GetFieldValue<byte[]>(4), reader.IsDBNull(5) ? null : reader.GetFieldValue<byte[]>(5));
            }
        });
        command.Parameters.Add(Parameter.Partition(sql, wanted, name => name.Partition));
        command.Parameters.Add(Parameter.Of(wanted.ConvertAll(name => name.Client)));
        command.Parameters.Add(Parameter.Of(wanted.ConvertAll(name => name.Key)));
        command.Parameters.Add(Parameter.Of(wanted.ConvertAll(name => name.Scope)));
    }

    private void AddVersions(ReadBatch reads)
    {
        var wanted = new HashSet<(int Partition, Guid StreamId)>();
        foreach (var unit in items.SelectMany(item => item.Units))
        {
            foreach (var streamId in unit.VersionedStreams)
            {
                wanted.Add((unit.Partition, streamId));
            }
        }

        if (wanted.Count is 0)
        {
            return;
        }

        var command = reads.Add(sql.SelectVersions, async (reader, cancellationToken) =>
        {
            foreach (var (partition, streamId) in wanted)
            {
                partitions[partition].SetVersion(streamId, 0);
            }

            while (await reader.ReadAsync(cancellationToken))
            {
                if (!reader.IsDBNull(2))
                {
                    partitions[reader.GetInt32(0)].SetVersion(reader.GetGuid(1), reader.GetInt64(2));
                }
            }
        });
        command.Parameters.Add(Parameter.Partition(sql, wanted, name => name.Partition));
        command.Parameters.Add(Parameter.Of(wanted.Select(name => name.StreamId).ToList()));
    }

    private (List<int> Partitions, List<Guid> Streams, List<(int Partition, Guid StreamId)> Cached) SealedStreams()
    {
        var seen = new HashSet<(int Partition, Guid StreamId)>();
        var (ids, streams) = (new List<int>(), new List<Guid>());
        var cached = new List<(int Partition, Guid StreamId)>();
        foreach (var unit in items.SelectMany(item => item.Units))
        {
            foreach (var streamId in unit.SealedStreams)
            {
                if (!seen.Add((unit.Partition, streamId)))
                {
                    continue;
                }

                if (keys.Cache.Find(unit.Partition, streamId) is not null)
                {
                    cached.Add((unit.Partition, streamId));
                }
                else
                {
                    ids.Add(unit.Partition);
                    streams.Add(streamId);
                }
            }
        }

        return (ids, streams, cached);
    }

    private void AddKeys(ReadBatch reads, List<int> ids, List<Guid> streams)
    {
        if (streams.Count is 0)
        {
            return;
        }

        var command = reads.Add(sql.SelectKeys, async (reader, cancellationToken) =>
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var partition = partitions[reader.GetInt32(0)];
                var streamId = reader.GetGuid(1);
                if (reader.IsDBNull(2))
                {
                    partition.SetKeyDestroyed(streamId);
                }
                else
                {
                    var key = keys.Hub.Unwrap(partition.Id, streamId, reader.GetFieldValue<byte[]>(2));
                    partition.SetKey(key);
                    keys.Cache.Add(key, partition.KeyEpoch);
                }
            }
        });
        command.Parameters.Add(Parameter.Partition(sql, ids, id => id));
        command.Parameters.Add(Parameter.Of(streams));
    }

    // Seldom needed: a request that an earlier, broken-off call claimed, or cached keys of a partition in which one was destroyed since.
    private async Task ReadMoreAsync(NpgsqlConnection connection, List<(int Partition, Guid StreamId)> cachedStreams, CancellationToken cancellationToken)
    {
        var (ids, streams) = (new List<int>(), new List<Guid>());
        foreach (var (partition, streamId) in cachedStreams)
        {
            // The epoch was read under the lock: what counts now counts until the commit.
            if (keys.Cache.Find(partition, streamId) is { } key)
            {
                partitions[partition].SetKey(key);
            }
            else
            {
                ids.Add(partition);
                streams.Add(streamId);
            }
        }

        var units = items
            .Where(item => item.Use is QueuedAppend.KeyUse.Whole && storedAnswers.TryGetValue(AnswerName.OfRequest(item), out var request) && request.Outcome is null)
            .SelectMany(item => item.Units.Select(unit => AnswerName.OfUnit(item, unit)))
            .ToList();
        if (streams.Count is 0 && units.Count is 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(connection);
        var readers = new List<Func<NpgsqlDataReader, CancellationToken, ValueTask>>();
        var reads = new ReadBatch(batch, readers);
        AddAnswers(reads, units);
        AddKeys(reads, ids, streams);
        await ExecuteAsync(batch, readers, cancellationToken);
        foreach (var (partition, streamId) in ids.Zip(streams))
        {
            partitions[partition].SetKeyAbsent(streamId);
        }
    }

    private static async Task ExecuteAsync(NpgsqlBatch batch, List<Func<NpgsqlDataReader, CancellationToken, ValueTask>> readers, CancellationToken cancellationToken)
    {
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        for (var i = 0; i < readers.Count; i++)
        {
            if (i > 0 && !await reader.NextResultAsync(cancellationToken))
            {
                throw new InvalidOperationException("a query of an append has no result set");
            }

            await readers[i](reader, cancellationToken);
        }

        // Whatever is left may be an error.
        while (await reader.NextResultAsync(cancellationToken))
        {
        }
    }

    private readonly record struct StoredAnswer(byte[] Fingerprint, byte[]? Outcome);
}
