using Npgsql;
using NpgsqlTypes;

namespace Exchange.EventStore.Committing;

/// <summary>One row that is in the database if and only if a transaction committed: its last event with that hash, or else its last idempotency row.</summary>
internal sealed class CommitProof
{
    private const string FindEvent = "SELECT hash = $3 FROM log.event WHERE partition = $1 AND position = $2";

    private const string FindAnswer = "SELECT true FROM log.idempotency WHERE partition = $1 AND client = $2 AND key = $3 AND scope = $4 AND recorded_at = $5";

    private readonly AppendTransaction transaction;

    private CommitProof(AppendTransaction transaction) => this.transaction = transaction;

    /// <summary>Null when the transaction stored neither: it may run again without harm.</summary>
    public static CommitProof? Of(AppendTransaction transaction) =>
        transaction.Events.Count > 0 || transaction.NewAnswers.Count > 0 ? new CommitProof(transaction) : null;

    /// <summary>A query whose only value is true when the transaction committed.</summary>
    public NpgsqlBatchCommand Query()
    {
        if (transaction.Events.Count > 0)
        {
            var (partition, position, hash) = transaction.Events.Last;
            return new NpgsqlBatchCommand(FindEvent) { Parameters = { Parameter.Of(partition), Parameter.Of(position), Parameter.Of(hash) } };
        }

        var (name, recordedAt) = transaction.NewAnswers.Last;
        return new NpgsqlBatchCommand(FindAnswer)
        {
            Parameters =
            {
                Parameter.Of(name.Partition),
                Parameter.Of(name.Client),
                Parameter.Of(name.Key),
                Parameter.Of(name.Scope),
                new NpgsqlParameter<DateTime> { TypedValue = recordedAt, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            },
        };
    }
}
