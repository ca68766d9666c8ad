using Npgsql;

namespace Exchange.EventStore.Appending;

/// <summary>Statements that run in the last round trip of an append transaction, after the events are inserted and before the commit.</summary>
public sealed class WriteBatch
{
    private static readonly string[] Allowed = ["INSERT", "UPDATE", "DELETE", "WITH"];

    private readonly NpgsqlBatch batch;

    internal WriteBatch(NpgsqlBatch batch) => this.batch = batch;

    /// <summary>
    /// Adds one statement without a result: INSERT, UPDATE, DELETE or WITH. Parameters are positional ($1…); every statement on a big table names
    /// its partition.
    /// </summary>
    public NpgsqlBatchCommand Add(string statement)
    {
        // A handler that could end the transaction could part the events from their head.
        if (!Allowed.Any(verb => statement.AsSpan().TrimStart().StartsWith(verb, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException("a write begins with INSERT, UPDATE, DELETE or WITH", nameof(statement));
        }

        var command = new NpgsqlBatchCommand(statement);
        batch.BatchCommands.Add(command);
        return command;
    }
}
