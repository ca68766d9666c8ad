using Npgsql;

namespace Exchange.EventStore;

/// <summary>The store's generation: part of every checkpoint, so that none outlives a restore from a backup unnoticed.</summary>
public static class StoreGeneration
{
    private const string Renew = "UPDATE log.store SET generation = $1 WHERE id = 1 RETURNING generation";

    /// <summary>Gives the store a new generation, after a restore and before any node opens it: every earlier checkpoint is refused from then on.</summary>
    public static async Task<Guid> RenewAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(Renew);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.NewGuid() });
        return (Guid)(await command.ExecuteScalarAsync(cancellationToken) ?? throw new InvalidOperationException("table log.store is empty"));
    }
}
