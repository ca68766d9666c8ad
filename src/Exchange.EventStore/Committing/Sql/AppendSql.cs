namespace Exchange.EventStore.Committing;

/// <summary>
/// The statements of an append transaction, in two forms with the same parameters after the first: <see cref="One"/> names its only partition
/// as $1, which a distributed engine routes to one shard and commits in one phase; <see cref="Many"/> has the rows' partitions as an array $1.
/// INVARIANT: each row is looked up by its whole key. A plan made while the table was small would read all of it, or of the partition, once for all keys, and
/// go on so when it is large: OFFSET 0 makes the lookup a query of its own, which has nothing but the key to go by.
/// </summary>
internal sealed record AppendSql
{
    /// <summary>For many events at once, whatever partitions they are of.</summary>
    public const string CopyEvents =
        "COPY log.event (partition, position, stream_id, version, type, payload, caller, client, governance_position, recorded_at, hash) FROM STDIN (FORMAT BINARY)";

    public static AppendSql One { get; } = new()
    {
        LockHeads = """
            SELECT partition, head, head_hash, last_recorded_at, key_epoch FROM log.log_partition WHERE partition = $1 FOR UPDATE
            """,
        SelectAnswers = """
            SELECT i.partition, i.client, i.key, i.scope, i.fingerprint, i.answer
            FROM unnest($2::text[]) AS u (key)
            CROSS JOIN LATERAL (SELECT * FROM log.idempotency AS i WHERE i.partition = $1 AND i.key = u.key OFFSET 0) AS i
            """,
        SelectVersions = """
            SELECT e.partition, u.stream_id, e.version
            FROM unnest($2::uuid[]) AS u (stream_id)
            CROSS JOIN LATERAL (
                SELECT e.partition, e.version FROM log.event AS e WHERE e.partition = $1 AND e.stream_id = u.stream_id ORDER BY e.version DESC LIMIT 1) AS e
            """,
        SelectKeys = """
            SELECT k.partition, k.stream_id, k.wrapped_key
            FROM unnest($2::uuid[]) AS u (stream_id)
            CROSS JOIN LATERAL (SELECT * FROM log.data_key AS k WHERE k.partition = $1 AND k.stream_id = u.stream_id OFFSET 0) AS k
            """,
        InsertEvents = """
            INSERT INTO log.event (partition, position, stream_id, version, type, payload, caller, client, governance_position, recorded_at, hash)
            SELECT h.partition, u.position, u.stream_id, u.version, u.type, u.payload, u.caller, u.client, u.governance_position, u.recorded_at, u.hash
            FROM log.log_partition AS h
            CROSS JOIN unnest(
                $2::bigint[], $3::uuid[], $4::bigint[], $5::text[], $6::bytea[], $7::text[], $8::text[], $9::bigint[], $10::timestamptz[], $11::bytea[])
                AS u (position, stream_id, version, type, payload, caller, client, governance_position, recorded_at, hash)
            WHERE h.partition = $1
            """,
        InsertKeys = """
            INSERT INTO log.data_key (partition, stream_id, wrapped_key)
            SELECT h.partition, u.stream_id, u.wrapped_key
            FROM log.log_partition AS h CROSS JOIN unnest($2::uuid[], $3::bytea[]) AS u (stream_id, wrapped_key)
            WHERE h.partition = $1
            """,
        InsertAnswers = """
            INSERT INTO log.idempotency (partition, client, key, scope, recorded_at, fingerprint, answer)
            SELECT h.partition, u.client, u.key, u.scope, u.recorded_at, u.fingerprint, u.answer
            FROM log.log_partition AS h
            CROSS JOIN unnest($2::text[], $3::text[], $4::smallint[], $5::timestamptz[], $6::bytea[], $7::bytea[])
                AS u (client, key, scope, recorded_at, fingerprint, answer)
            WHERE h.partition = $1
            """,
        UpdateHeads = """
            UPDATE log.log_partition AS p SET head = u.head, head_hash = u.head_hash, last_recorded_at = u.recorded_at
            FROM unnest($2::bigint[], $3::bytea[], $4::timestamptz[]) AS u (head, head_hash, recorded_at)
            WHERE p.partition = $1
            """,
    };

    public static AppendSql Many { get; } = new()
    {
        LockHeads = """
            SELECT partition, head, head_hash, last_recorded_at, key_epoch FROM log.log_partition WHERE partition = ANY ($1) ORDER BY partition FOR UPDATE
            """,
        SelectAnswers = """
            SELECT i.partition, i.client, i.key, i.scope, i.fingerprint, i.answer
            FROM unnest($1::int[], $2::text[]) AS u (partition, key)
            CROSS JOIN LATERAL (SELECT * FROM log.idempotency AS i WHERE i.partition = u.partition AND i.key = u.key OFFSET 0) AS i
            """,
        SelectVersions = """
            SELECT e.partition, u.stream_id, e.version
            FROM unnest($1::int[], $2::uuid[]) AS u (partition, stream_id)
            CROSS JOIN LATERAL (
                SELECT e.partition, e.version FROM log.event AS e WHERE e.partition = u.partition AND e.stream_id = u.stream_id ORDER BY e.version DESC LIMIT 1) AS e
            """,
        SelectKeys = """
            SELECT k.partition, k.stream_id, k.wrapped_key
            FROM unnest($1::int[], $2::uuid[]) AS u (partition, stream_id)
            CROSS JOIN LATERAL (SELECT * FROM log.data_key AS k WHERE k.partition = u.partition AND k.stream_id = u.stream_id OFFSET 0) AS k
            """,
        InsertEvents = """
            INSERT INTO log.event (partition, position, stream_id, version, type, payload, caller, client, governance_position, recorded_at, hash)
            SELECT partition, position, stream_id, version, type, payload, caller, client, governance_position, recorded_at, hash
            FROM unnest(
                $1::int[], $2::bigint[], $3::uuid[], $4::bigint[], $5::text[], $6::bytea[], $7::text[], $8::text[], $9::bigint[], $10::timestamptz[], $11::bytea[])
                AS u (partition, position, stream_id, version, type, payload, caller, client, governance_position, recorded_at, hash)
            """,
        InsertKeys = """
            INSERT INTO log.data_key (partition, stream_id, wrapped_key)
            SELECT partition, stream_id, wrapped_key FROM unnest($1::int[], $2::uuid[], $3::bytea[]) AS u (partition, stream_id, wrapped_key)
            """,
        InsertAnswers = """
            INSERT INTO log.idempotency (partition, client, key, scope, recorded_at, fingerprint, answer)
            SELECT partition, client, key, scope, recorded_at, fingerprint, answer
            FROM unnest($1::int[], $2::text[], $3::text[], $4::smallint[], $5::timestamptz[], $6::bytea[], $7::bytea[])
                AS u (partition, client, key, scope, recorded_at, fingerprint, answer)
            """,
        UpdateHeads = """
            UPDATE log.log_partition AS p SET head = u.head, head_hash = u.head_hash, last_recorded_at = u.recorded_at
            FROM unnest($1::int[], $2::bigint[], $3::bytea[], $4::timestamptz[]) AS u (partition, head, head_hash, recorded_at)
            WHERE p.partition = u.partition
            """,
    };

    public required string LockHeads { get; init; }

    /// <summary>Index idempotency_pkey. Also gives what other clients stored under the same key: the caller picks its own.</summary>
    public required string SelectAnswers { get; init; }

    /// <summary>Index event_partition_stream_id_version_key.</summary>
    public required string SelectVersions { get; init; }

    /// <summary>Index data_key_pkey.</summary>
    public required string SelectKeys { get; init; }

    public required string InsertEvents { get; init; }

    public required string InsertKeys { get; init; }

    public required string InsertAnswers { get; init; }

    public required string UpdateHeads { get; init; }

    /// <summary>The form for rows of these partitions.</summary>
    public static AppendSql Of<T>(IReadOnlyList<T> rows, Func<T, int> partition)
    {
        var first = partition(rows[0]);
        for (var place = 1; place < rows.Count; place++)
        {
            if (partition(rows[place]) != first)
            {
                return Many;
            }
        }

        return One;
    }
}
