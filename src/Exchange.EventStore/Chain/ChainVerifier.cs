using System.Buffers.Binary;
using Exchange.EventStore.Committing;
using Npgsql;

namespace Exchange.EventStore.Chain;

/// <summary>Recomputes the hash chain from the stored rows, in pages of short transactions. Needs the database only.</summary>
public sealed class ChainVerifier : IAsyncDisposable
{
    private const int Page = 20_000;

    private const string SelectHead = """
        SELECT s.store_id, p.head, p.head_hash,
            coalesce((SELECT e.position FROM log.event AS e WHERE e.partition = p.partition ORDER BY e.position DESC LIMIT 1), 0) AS last
        FROM log.log_partition AS p CROSS JOIN log.store AS s
        WHERE p.partition = $1
        """;

    // Index event_pkey.
    private const string SelectPage = """
        SELECT position, stream_id, version, governance_position, recorded_at, hash, type, caller, client, payload
        FROM log.event
        WHERE partition = $1 AND position > $2 AND position <= $3
        ORDER BY position
        """;

    private readonly NpgsqlDataSource source;
    private readonly byte[] storedHash = new byte[EventHash.SizeBytes];
    private readonly byte[] computed = new byte[EventHash.SizeBytes];
    private byte[] canonical = new byte[4096];

    /// <summary>Verifies the store behind a connection string.</summary>
    public ChainVerifier(string connectionString) => source = NpgsqlDataSource.Create(connectionString);

    /// <summary>Verifies one partition from its first event to the head it has when this begins. One call at a time.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="noted">Hashes noted outside the database earlier, by position.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task<ChainReport> VerifyAsync(int partition, IReadOnlyDictionary<long, ReadOnlyMemory<byte>> noted, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var (storeId, head, headHash, last) = await ReadHeadAsync(connection, partition, cancellationToken);
        var previous = EventHash.Genesis(storeId, partition);
        var position = 0L;
        while (position < head)
        {
            var upTo = Math.Min(head, position + Page);
            await using var command = new NpgsqlCommand(SelectPage, connection)
            {
                Parameters = { Parameter.Of(partition), Parameter.Of(position), Parameter.Of(upTo) },
            };
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                if (reader.GetInt64(0) != position + 1)
                {
                    return Report(ChainFaultKind.Missing);
                }

                if (!IsAsWritten(reader, partition, previous))
                {
                    return Report(ChainFaultKind.Altered);
                }

                position++;
                if (noted.TryGetValue(position, out var expected) && !expected.Span.SequenceEqual(previous))
                {
                    return new ChainReport(partition, position - 1, previous, new ChainFault(position, ChainFaultKind.NotedHeadDiffers));
                }
            }

            if (position < upTo)
            {
                return Report(ChainFaultKind.Missing);
            }
        }

        if (last != head || !headHash.AsSpan().SequenceEqual(previous))
        {
            return Report(ChainFaultKind.HeadMismatch);
        }

        var cut = noted.Keys.Where(key => key > head).DefaultIfEmpty().Min();
        return cut > 0 ? Report(ChainFaultKind.Missing) : new ChainReport(partition, position, previous, null);

        ChainReport Report(ChainFaultKind kind) => new(partition, position, previous.ToArray(), new ChainFault(position + 1, kind));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => source.DisposeAsync();

    private static async Task<(
        Guid StoreId, long Head, byte[] HeadHash, long Last)> ReadHeadAsync(NpgsqlConnection connection, int partition, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectHead, connection) { Parameters = { Parameter.Of(partition) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetGuid(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2), reader.GetInt64(3))
            : throw new ArgumentException($"there is no partition {partition}", nameof(partition));
    }

    /// <summary>Compares the row's hash with what its bytes give, and moves `previous` on if they agree. Copies no text and makes no object per row.</summary>
    private bool IsAsWritten(NpgsqlDataReader reader, int partition, byte[] previous)
    {
        var e = new HashedEvent
        {
            Previous = previous,
            Partition = partition,
            Position = reader.GetInt64(0),
            StreamId = reader.GetGuid(1),
            Version = reader.GetInt64(2),
            GovernancePosition = reader.GetInt64(3),
            RecordedAtMicros = reader.GetFieldValue<long>(4) + StoredTime.PostgresEpochMicros,
        };
        EventHash.WriteFixed(canonical, e);
        var at = EventHash.FixedBytes;
        for (var column = 6; column <= 9; column++)
        {
            var length = (int)reader.GetBytes(column, 0, null, 0, 0);
            if (canonical.Length < at + 4 + length)
            {
                Array.Resize(ref canonical, (at + 4 + length) * 2);
            }

            BinaryPrimitives.WriteInt32BigEndian(canonical.AsSpan(at), length);
            at += 4;
            at += (int)reader.GetBytes(column, 0, canonical, at, length);
        }

        if (reader.GetBytes(5, 0, null, 0, 0) != storedHash.Length)
        {
            return false;
        }

        reader.GetBytes(5, 0, storedHash, 0, storedHash.Length);
        var isKnown = storedHash[0] is EventHash.Sha256;
        EventHash.Digest(canonical.AsSpan(0, at), computed);
        if (!isKnown || !computed.AsSpan().SequenceEqual(storedHash))
        {
            return false;
        }

        computed.CopyTo(previous, 0);
        return true;
    }
}
