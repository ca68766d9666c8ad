using Exchange.EventStore.Sealing;
using Npgsql;

namespace Exchange.EventStore.Committing;

/// <summary>The data keys that a transaction made, wrapped, as columns.</summary>
internal static class NewKeyColumns
{
    public static void AddTo(NpgsqlBatch batch, AppendSql sql, IEnumerable<LockedPartition> partitions, HubKey hubKey)
    {
        var made = partitions.SelectMany(partition => partition.NewKeys).ToList();
        if (made.Count is 0)
        {
            return;
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(sql.InsertKeys)
        {
            Parameters =
            {
                Parameter.Partition(sql, made, key => key.Partition),
                Parameter.Of(made.ConvertAll(key => key.StreamId)),
                Parameter.Of(made.ConvertAll(hubKey.Wrap)),
            },
        });
    }
}
