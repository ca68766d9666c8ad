namespace Exchange.EventStore.Appending;

/// <summary>A unit that stores given events as they are, checking expected versions only. A stale version refuses its submission.</summary>
/// <param name="partition">The partition of all its streams.</param>
/// <param name="events">Events in order; not empty.</param>
public sealed class EventUnit(int partition, IReadOnlyList<NewEvent> events) : AppendUnit(partition)
{
    /// <summary>Events in order.</summary>
    public IReadOnlyList<NewEvent> Events { get; } = events;

    /// <summary>Bytes returned with the result.</summary>
    public ReadOnlyMemory<byte> Outcome { get; init; }

    /// <inheritdoc/>
    public override IAppendHandler Handler => PlainHandler.Instance;

    /// <inheritdoc/>
    public override IReadOnlyCollection<Guid> VersionedStreams { get; } = events.Count is 1 ? [events[0].StreamId] : [.. events.Select(
        e => e.StreamId).Distinct()];

    /// <inheritdoc/>
    public override int EventCount => Events.Count;

    /// <inheritdoc/>
    public override int SizeBytes { get; } = events.Sum(e => e.Payload.Length + 100);

    private sealed class PlainHandler : IAppendHandler, IAppendParticipant
    {
        public static readonly PlainHandler Instance = new();

        public IAppendParticipant Join(IReadOnlyList<AppendUnit> units) => this;

        public void AddReads(ReadBatch batch)
        {
        }

        public void Decide(AppendUnit unit, AppendContext context)
        {
            var plain = (EventUnit)unit;
            var added = new Dictionary<Guid, long>();
            foreach (var e in plain.Events)
            {
                var before = context.VersionOf(e.StreamId) + added.GetValueOrDefault(e.StreamId);
                if (e.ExpectedVersion is { } expected && expected != before)
                {
                    context.Refuse(new AppendRefusal(
                        AppendRefusalReason.StaleVersion, $"the stream is at version {before}, not {expected}; read again and retry"));
                    return;
                }

                added[e.StreamId] = added.GetValueOrDefault(e.StreamId) + 1;
            }

            foreach (var e in plain.Events)
            {
                context.Append(e.StreamId, e.Type, e.Payload.Span);
            }

            context.SetOutcome(plain.Outcome);
        }

        public void AddWrites(WriteBatch batch)
        {
        }
    }
}

/// <summary>An event to store as it is, for an <see cref="EventUnit"/>.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="Type">Stored type name, a word of ours such as `read-intended`. At most 100 characters.</param>
/// <param name="Payload">Protobuf bytes.</param>
public sealed record NewEvent(Guid StreamId, string Type, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Version the stream must have before this event: 0 means none yet; null means any.</summary>
    public long? ExpectedVersion { get; init; }
}
