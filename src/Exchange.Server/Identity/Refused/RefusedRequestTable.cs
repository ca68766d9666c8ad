using Npgsql;

namespace Exchange.Server.Identity;

/// <summary>What all nodes have refused, by minute, address and reason, for 400 days; of more than ten million rows the newest.</summary>
internal sealed class RefusedRequestTable(NpgsqlDataSource database)
{
    private const string Upsert = """
        INSERT INTO identity.refused_request (minute, address, reason, count)
        SELECT minute, address, reason, count FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::bigint[]) AS refused (minute, address, reason, count)
        ORDER BY minute, address, reason
        ON CONFLICT (minute, address, reason) DO UPDATE SET count = refused_request.count + excluded.count
        """;

    // By refused_request_pkey, backwards.
    private const string Select = """
        SELECT minute, address, reason, count FROM identity.refused_request
        WHERE minute >= $1 AND minute < $2 AND ($3 = '' OR address = $3) AND (minute, address, reason) < ($4, $5, $6)
        ORDER BY minute DESC, address DESC, reason DESC
        LIMIT $7
        """;

    // A gigabyte: who attacks for days from thousands of addresses loses their own beginnings, not the hub its space.
    private const long MostRows = 10_000_000;

    private const string Purge = """
        DELETE FROM identity.refused_request
        WHERE minute < greatest(
            now() - interval '400 days', (SELECT minute FROM identity.refused_request ORDER BY minute DESC, address DESC, reason DESC OFFSET $1 LIMIT 1))
        """;

    /// <summary>Adds counts, each key once.</summary>
    public async Task AddAsync(IReadOnlyCollection<RefusedRequest> refused, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Upsert);
        command.Parameters.Add(new() { Value = refused.Select(one => one.Minute).ToArray() });
        command.Parameters.Add(new() { Value = refused.Select(one => one.Address).ToArray() });
        command.Parameters.Add(new() { Value = refused.Select(one => one.Reason).ToArray() });
        command.Parameters.Add(new() { Value = refused.Select(one => one.Count).ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Newest first, so many at most, from one time to before another, of one address or, with an empty text, of all; behind the last one of a page.</summary>
    public async Task<IReadOnlyList<RefusedRequest>> ReadAsync(
        DateTimeOffset from, DateTimeOffset to, string address, (DateTimeOffset Minute, string Address, string Reason)? before, int most, CancellationToken cancellationToken)
    {
        var last = before ?? (to, "", "");
        await using var command = database.CreateCommand(Select);
        foreach (object value in new object[] { from, to, address, last.Minute, last.Address, last.Reason, most })
        {
            command.Parameters.Add(new() { Value = value });
        }

        List<RefusedRequest> page = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            page.Add(new RefusedRequest(reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3)));
        }

        return page;
    }

    /// <summary>Deletes what is older than it is kept, or more than is kept.</summary>
    public async Task PurgeAsync(CancellationToken cancellationToken, long mostRows = MostRows)
    {
        await using var command = database.CreateCommand(Purge);
        command.Parameters.Add(new() { Value = mostRows });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
