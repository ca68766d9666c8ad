using Exchange.EventStore.Committing;
using Exchange.EventStore.Sealing;
using Npgsql;

namespace Exchange.EventStore;

/// <summary>What tables `store` and `partition_slot` say.</summary>
internal sealed record StoreDescription(Guid StoreId, Guid Generation, bool HasHubKey, PartitionMap Partitions)
{
    private const int Format = 2;
    private const string SelectStore = "SELECT store_id, generation, format, hub_key_name IS NOT NULL FROM log.store WHERE id = 1";
    private const string SelectSlots = "SELECT kind, slot, partition FROM log.partition_slot";

    // The first hub key a store is opened with is the store's.
    private const string ClaimHubKey = "UPDATE log.store SET hub_key_name = $1 WHERE id = 1 AND hub_key_name IS NULL";
    private const string SelectHubKey = "SELECT hub_key_name FROM log.store WHERE id = 1";

    public static async Task<StoreDescription> ReadAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(SelectStore), new(SelectSlots) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw new InvalidOperationException("table log.store is empty; the database was not migrated");
        }

        if (reader.GetInt32(2) is not Format)
        {
            throw new NotSupportedException($"the store has format {reader.GetInt32(2)}; this program knows {Format}");
        }

        var (storeId, generation, hasHubKey) = (reader.GetGuid(0), reader.GetGuid(1), reader.GetBoolean(3));
        var slots = new List<(string Kind, int Slot, int Partition)>();
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            slots.Add((reader.GetString(0), reader.GetInt32(1), reader.GetInt32(2)));
        }

        return new StoreDescription(storeId, generation, hasHubKey, new PartitionMap(slots));
    }

    /// <summary>Throws when the store belongs to another hub key.</summary>
    public static async Task BindAsync(NpgsqlDataSource source, HubKey key, string file, CancellationToken cancellationToken)
    {
        await using var claim = source.CreateCommand(ClaimHubKey);
        claim.Parameters.Add(Parameter.Of(key.Name.ToArray()));
        await claim.ExecuteNonQueryAsync(cancellationToken);
        await using var select = source.CreateCommand(SelectHubKey);
        if (await select.ExecuteScalarAsync(cancellationToken) is not byte[] name || !key.Name.SequenceEqual(name))
        {
            throw new HubKeyException($"the hub key file `{file}` is not this store's; put the store's key file there", null);
        }
    }
}
