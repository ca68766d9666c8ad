using Exchange.EventStore.Appending;
using Exchange.EventStore.Sealing;
using Npgsql;

namespace Exchange.EventStore.Committing;

/// <summary>What an append transaction reads after it locked its partitions: heads, stored answers, versions, data keys, and what the handlers ask.</summary>
internal sealed class AppendReads
{
    private readonly IReadOnlyList<QueuedAppend> items;
    private readonly DataKeys keys;
    private readonly TimeProvider time;
    private readonly bool mayPresume;
    private readonly int[] partitionIds;
    private readonly Dictionary<int, LockedPartition> partitions;
    private readonly Dictionary<AnswerName, StoredAnswer> requests = [];
    private readonly Dictionary<(string Client, string Key, int Partition), UnitResult> units = [];
    private HashSet<(string Client, string Key)>? names;

    public AppendReads(IReadOnlyList<QueuedAppend> items, DataKeys keys, TimeProvider time, bool mayPresume)
    {
        this.items = items;
        this.keys = keys;
        this.time = time;
        this.mayPresume = mayPresume;
        // INVARIANT: locks are taken in ascending order of partition everywhere, so that appends of two nodes never wait for each other in a circle.
        partitionIds = [.. new SortedSet<int>(items.SelectMany(item => item.LockedPartitions))];
        partitions = new Dictionary<int, LockedPartition>(partitionIds.Length);
        Sql = partitionIds.Length is 1 ? AppendSql.One : AppendSql.Many;
    }

    /// <summary>The form of the statements that fits the number of partitions.</summary>
    public AppendSql Sql { get; }

    /// <summary>True when a handler left reads out for what it presumes.</summary>
    public bool HasPresumed { get; private set; }

    /// <summary>The locked partitions, ascending.</summary>
    public IEnumerable<LockedPartition> Partitions => partitionIds.Select(id => partitions[id]);

    public LockedPartition Partition(int id) => partitions[id];

    public bool TryGetRequest(QueuedAppend item, out StoredAnswer answer) => requests.TryGetValue(AnswerName.OfRequest(item), out answer);

    public bool TryGetUnit(QueuedAppend item, AppendUnit unit, out UnitResult result) =>
        units.TryGetValue((item.Key!.Client, item.Key.Key, unit.Partition), out result);

    /// <summary>Locks the same partitions again, to ask what became of the commit.</summary>
    public NpgsqlBatchCommand LockHeads() =>
        new(Sql.LockHeads) { Parameters = { HeadParameter() } };

    /// <summary>Begins the transaction, locks and reads; one round trip, two in seldom cases.</summary>
    public async Task ReadAsync(NpgsqlConnection connection, IEnumerable<IAppendParticipant> participants, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN ISOLATION LEVEL READ COMMITTED"));
        var readers = new List<Func<NpgsqlDataReader, CancellationToken, ValueTask>>();
        var reads = new ReadBatch(batch, readers, mayPresume);
        var (unknownKeys, cachedKeys) = SealedStreams();
        AddHeads(reads);
        AddAnswers(reads, items.SelectMany(PlacesToLookUp));
        AddVersions(reads);
        AddKeys(reads, unknownKeys);
        foreach (var participant in participants)
        {
            participant.AddReads(reads);
        }

        HasPresumed = reads.HasPresumed;

        await ExecuteAsync(batch, readers, cancellationToken);
        await ReadMoreAsync(connection, cachedKeys, cancellationToken);
    }

    private void AddHeads(ReadBatch reads)
    {
        var now = time.GetUtcNow().Truncated();
        var command = reads.Add(Sql.LockHeads, async (reader, cancellationToken) =>
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

    private NpgsqlParameter HeadParameter() => Sql == AppendSql.One ? Parameter.Of(partitionIds[0]) : Parameter.Of(partitionIds);

    private static IEnumerable<(int Partition, string Key)> PlacesToLookUp(QueuedAppend item) => item.Use switch
    {
        QueuedAppend.KeyUse.None => [],
        QueuedAppend.KeyUse.Unit => PlacesOfUnits(item),
        QueuedAppend.KeyUse.Part when item.IsRepeat => [PlaceOfKey(item), .. PlacesOfUnits(item)],
        _ => [PlaceOfKey(item)],
    };

    // In the other form of rows than the one that the item's own use would write.
    private IEnumerable<(int Partition, string Key)> OtherPlaces(QueuedAppend item) => item.Use switch
    {
        QueuedAppend.KeyUse.Unit when item.IsRepeat => [PlaceOfKey(item)],
        QueuedAppend.KeyUse.Whole when TryGetRequest(item, out var request) && request.Outcome is null => PlacesOfUnits(item),
        _ => [],
    };

    private static (int Partition, string Key) PlaceOfKey(QueuedAppend item) => (item.KeyPartition, item.Key!.Key);

    private static IEnumerable<(int Partition, string Key)> PlacesOfUnits(QueuedAppend item) => item.Units.Select(unit => (unit.Partition, item.Key!.Key));

    private void AddAnswers(ReadBatch reads, IEnumerable<(int Partition, string Key)> places)
    {
        var wanted = places.Distinct().ToList();
        if (wanted.Count is 0)
        {
            return;
        }

        var sql = AppendSql.Of(wanted, static place => place.Partition);
        var command = reads.Add(sql.SelectAnswers, async (reader, cancellationToken) =>
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var name = new AnswerName(reader.GetInt32(0), reader.GetString(1), reader.GetString(2), reader.GetInt16(3));
                AddAnswer(name, new StoredAnswer(reader.GetFieldValue<byte[]>(4), reader.IsDBNull(5) ? null : reader.GetFieldValue<byte[]>(5)));
            }
        });
        command.Parameters.Add(Parameter.Partition(sql, wanted, place => place.Partition));
        command.Parameters.Add(Parameter.Of(wanted.ConvertAll(place => place.Key)));
    }

    private void AddAnswer(AnswerName name, StoredAnswer answer)
    {
        if (name.IsOfRequest)
        {
            requests[name] = answer;
            return;
        }

        // Keys are looked up without their client: another's answer is nobody's here, readable or not.
        names ??= [.. items.Where(item => item.Key is not null).Select(item => (item.Key!.Client, item.Key.Key))];
        if (!names.Contains((name.Client, name.Key)))
        {
            return;
        }

        foreach (var unit in StoredOutcome.Read(answer.Outcome!))
        {
            units[(name.Client, name.Key, unit.Partition)] = unit;
        }
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

        var command = reads.Add(Sql.SelectVersions, async (reader, cancellationToken) =>
        {
            foreach (var (partition, streamId) in wanted)
            {
                partitions[partition].SetVersion(streamId, 0);
            }

            while (await reader.ReadAsync(cancellationToken))
            {
                partitions[reader.GetInt32(0)].SetVersion(reader.GetGuid(1), reader.GetInt64(2));
            }
        });
        command.Parameters.Add(Parameter.Partition(Sql, wanted, name => name.Partition));
        command.Parameters.Add(Parameter.Of(wanted.Select(name => name.StreamId).ToList()));
    }

    private (List<(int Partition, Guid StreamId)> Unknown, List<(int Partition, Guid StreamId)> Cached) SealedStreams()
    {
        var seen = new HashSet<(int Partition, Guid StreamId)>();
        var (unknown, cached) = (new List<(int Partition, Guid StreamId)>(), new List<(int Partition, Guid StreamId)>());
        foreach (var unit in items.SelectMany(item => item.Units))
        {
            foreach (var streamId in unit.SealedStreams)
            {
                if (seen.Add((unit.Partition, streamId)))
                {
                    (keys.Cache.Find(unit.Partition, streamId) is null ? unknown : cached).Add((unit.Partition, streamId));
                }
            }
        }

        return (unknown, cached);
    }

    private void AddKeys(ReadBatch reads, List<(int Partition, Guid StreamId)> wanted)
    {
        if (wanted.Count is 0)
        {
            return;
        }

        var command = reads.Add(Sql.SelectKeys, async (reader, cancellationToken) =>
        {
            foreach (var (partition, streamId) in wanted)
            {
                partitions[partition].SetKeyAbsent(streamId);
            }

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
        command.Parameters.Add(Parameter.Partition(Sql, wanted, name => name.Partition));
        command.Parameters.Add(Parameter.Of(wanted.ConvertAll(name => name.StreamId)));
    }

    // Seldom asks: after a request that an earlier, broken-off call claimed, or for cached keys of a partition in which one was destroyed since.
    private async Task ReadMoreAsync(NpgsqlConnection connection, List<(int Partition, Guid StreamId)> cachedKeys, CancellationToken cancellationToken)
    {
        var staleKeys = new List<(int Partition, Guid StreamId)>();
        foreach (var (partition, streamId) in cachedKeys)
        {
            // The epoch was read under the lock: what counts now counts until the commit.
            if (keys.Cache.Find(partition, streamId) is { } key)
            {
                partitions[partition].SetKey(key);
            }
            else
            {
                staleKeys.Add((partition, streamId));
            }
        }

        var otherPlaces = items.SelectMany(OtherPlaces).ToList();
        if (staleKeys.Count is 0 && otherPlaces.Count is 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(connection);
        var readers = new List<Func<NpgsqlDataReader, CancellationToken, ValueTask>>();
        var reads = new ReadBatch(batch, readers, mayPresume: false);
        AddAnswers(reads, otherPlaces);
        AddKeys(reads, staleKeys);
        await ExecuteAsync(batch, readers, cancellationToken);
    }

    private static async Task ExecuteAsync(
        NpgsqlBatch batch, List<Func<NpgsqlDataReader, CancellationToken, ValueTask>> readers, CancellationToken cancellationToken)
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
}

/// <summary>What an idempotency row says; without an outcome it only keeps the key.</summary>
internal readonly record struct StoredAnswer(byte[] Fingerprint, byte[]? Outcome);
