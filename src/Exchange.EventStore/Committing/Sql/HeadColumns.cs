using Npgsql;

namespace Exchange.EventStore.Committing;

/// <summary>The heads that a transaction moved, as columns.</summary>
internal static class HeadColumns
{
    public static void AddTo(NpgsqlBatch batch, AppendSql sql, IEnumerable<LockedPartition> partitions)
    {
        var moved = partitions.Where(partition => partition.HasEvents).ToList();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(sql.UpdateHeads)
        {
            Parameters =
            {
                Parameter.Partition(sql, moved, partition => partition.Id),
                Parameter.Of(moved.ConvertAll(partition => partition.Head)),
                Parameter.Of(moved.ConvertAll(partition => partition.HeadHash)),
                Parameter.Times(moved.ConvertAll(partition => partition.RecordedAt.UtcDateTime)),
            },
        });
    }
}
