using Npgsql;

namespace Exchange.EventStore.Committing;

/// <summary>The idempotency rows of a transaction as columns.</summary>
internal sealed class AnswerColumns
{
    private readonly List<AnswerName> names = [];
    private readonly List<DateTime> recordedAt = [];
    private readonly List<ReadOnlyMemory<byte>> fingerprints = [];
    private readonly List<byte[]?> outcomes = [];

    public int Count => names.Count;

    public (AnswerName Name, DateTime RecordedAt) Last => (names[^1], recordedAt[^1]);

    public void Add(AnswerName name, DateTimeOffset at, ReadOnlyMemory<byte> fingerprint, byte[]? outcome)
    {
        names.Add(name);
        recordedAt.Add(at.UtcDateTime);
        fingerprints.Add(fingerprint);
        outcomes.Add(outcome);
    }

    public void AddTo(NpgsqlBatch batch)
    {
        // Rows beside a key that was claimed before may be of a partition that this transaction has not locked.
        var sql = AppendSql.Of(names, static name => name.Partition);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(sql.InsertAnswers)
        {
            Parameters =
            {
                Parameter.Partition(sql, names, name => name.Partition),
                Parameter.Of(names.ConvertAll(name => name.Client)),
                Parameter.Of(names.ConvertAll(name => name.Key)),
                Parameter.Of(names.ConvertAll(name => name.Scope)),
                Parameter.Times(recordedAt),
                Parameter.Of(fingerprints),
                Parameter.Of(outcomes),
            },
        });
    }
}
