namespace Exchange.EventStore.Committing;

/// <summary>
/// Names one idempotency row. Scope 0 is the request's: it keeps the key, and the whole answer when one transaction stored it. Scope 1 is the answer of the
/// one unit in the row's partition. From 2 on the row stands beside the request's, with the answers of the units that one transaction stored: 2 and the lowest
/// of their partitions, which no other row of the request has, because each unit is stored once.
/// </summary>
internal readonly record struct AnswerName(int Partition, string Client, string Key, short Scope)
{
    private const short Request = 0;
    private const short Unit = 1;
    private const short FirstPart = 2;

    public bool IsOfRequest => Scope is Request;

    public static AnswerName OfRequest(QueuedAppend item) => new(item.KeyPartition, item.Key!.Client, item.Key.Key, Request);

    public static AnswerName OfUnit(QueuedAppend item, int partition) => new(partition, item.Key!.Client, item.Key.Key, Unit);

    public static AnswerName OfPart(QueuedAppend item, int lowest) => new(item.KeyPartition, item.Key!.Client, item.Key.Key, checked((short)(FirstPart + lowest)));
}
