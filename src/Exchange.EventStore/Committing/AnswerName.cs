using Exchange.EventStore.Appending;

namespace Exchange.EventStore.Committing;

/// <summary>Names one idempotency row.</summary>
internal readonly record struct AnswerName(int Partition, string Client, string Key, short Scope)
{
    private const short Request = 0;
    private const short Unit = 1;

    public static AnswerName OfRequest(QueuedAppend item) => new(item.KeyPartition, item.Key!.Client, item.Key.Key, Request);

    public static AnswerName OfUnit(QueuedAppend item, AppendUnit unit) => new(unit.Partition, item.Key!.Client, item.Key.Key, Unit);
}
