using Npgsql;

namespace Exchange.EventStore.Appending;

/// <summary>Statements that run in the last round trip of an append transaction, after the events are inserted and before the commit.</summary>
public sealed class WriteBatch
{
    private static readonly string[] Allowed = ["INSERT", "UPDATE", "DELETE", "WITH"];

    private readonly NpgsqlBatch batch;
    private readonly List<(string Statement, CopyRows Rows)>? copies;

    internal WriteBatch(NpgsqlBatch batch, List<(string Statement, CopyRows Rows)>? copies) => (this.batch, this.copies) = (batch, copies);

    /// <summary>True when many new rows are better given to <see cref="AddCopy"/>. Not on a distributed engine, where COPY needs a commit in two phases.</summary>
    public bool TakesCopies => copies is not null;

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

    /// <summary>
    /// Adds rows by COPY, before the statements and the events' own insert. The statement is `COPY table (columns) FROM STDIN (FORMAT BINARY)`; the
    /// rows are disposed when the transaction is over.
    /// </summary>
    public void AddCopy(string statement, CopyRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (copies is null)
        {
            throw new InvalidOperationException("this transaction takes no copies");
        }

        if (!statement.StartsWith("COPY ", StringComparison.Ordinal) || !statement.EndsWith(" FROM STDIN (FORMAT BINARY)", StringComparison.Ordinal))
        {
            throw new ArgumentException("a copy is COPY … FROM STDIN (FORMAT BINARY)", nameof(statement));
        }

        copies.Add((statement, rows));
    }
}
