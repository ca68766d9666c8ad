using Npgsql;

namespace Exchange.EventStore.Appending;

/// <summary>Statements that run in the last round trip of an append transaction, after the events are inserted and before the commit.</summary>
public sealed class WriteBatch
{
    private readonly NpgsqlBatch batch;

    internal WriteBatch(NpgsqlBatch batch) => this.batch = batch;

    /// <summary>Adds one statement without a result. Parameters are positional ($1…); every statement on a big table names its partition.</summary>
    public NpgsqlBatchCommand Add(string statement)
    {
        var command = new NpgsqlBatchCommand(statement);
        batch.BatchCommands.Add(command);
        return command;
    }
}
