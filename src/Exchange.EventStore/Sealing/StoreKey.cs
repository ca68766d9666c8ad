using Npgsql;

namespace Exchange.EventStore.Sealing;

/// <summary>Asks a store whose hub key it is sealed under, before it is opened.</summary>
public static class StoreKey
{
    private const string SelectHubKey = "SELECT hub_key_name FROM log.store WHERE id = 1";

    /// <summary>
    /// False when the database holds no store yet. Throws <see cref="HubKeyException"/> when the store has a hub key that is not the file's, or when there is
    /// no file. Changes nothing.
    /// </summary>
    public static async Task<bool> CheckAsync(NpgsqlDataSource source, string file, CancellationToken cancellationToken)
    {
        byte[]? name;
        try
        {
            await using var command = source.CreateCommand(SelectHubKey);
            name = await command.ExecuteScalarAsync(cancellationToken) as byte[];
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            // From before hub keys, or no store at all.
            return e.SqlState is PostgresErrorCodes.UndefinedColumn;
        }

        if (name is not null && !(await HubKey.LoadAsync(file, mayCreate: false, cancellationToken)).Name.SequenceEqual(name))
        {
            throw new HubKeyException($"the hub key file `{file}` is not this store's; put the store's key file there", null);
        }

        return true;
    }
}
