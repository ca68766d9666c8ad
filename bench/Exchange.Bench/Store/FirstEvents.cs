using Exchange.EventStore.Appending;

namespace Exchange.Bench.Store;

/// <summary>
/// First events of new streams, appended as the hub appends a pushed batch: the handler knows the versions, so the store reads none; its unique key would
/// refuse a wrong one.
/// </summary>
/// <param name="partition">The partition of all streams.</param>
/// <param name="events">One event for each stream.</param>
internal sealed class FirstEvents(int partition, IReadOnlyList<NewEvent> events) : AppendUnit(partition)
{
    public override IAppendHandler Handler => FirstEventsHandler.Instance;

    public override int EventCount => Events.Count;

    public override int SizeBytes { get; } = events.Sum(e => e.Payload.Length + 100);

    private sealed class FirstEventsHandler : IAppendHandler, IAppendParticipant
    {
        public static readonly FirstEventsHandler Instance = new();

        public IAppendParticipant Join(IReadOnlyList<AppendUnit> units) => this;

        public void AddReads(ReadBatch batch)
        {
        }

        public void Decide(AppendUnit unit, AppendContext context)
        {
            foreach (var e in ((FirstEvents)unit).Events)
            {
                context.Append(e.StreamId, 1, e.Type, e.Payload.Span);
            }
        }

        public void AddWrites(WriteBatch batch)
        {
        }
    }

    private IReadOnlyList<NewEvent> Events { get; } = events;
}
