using Exchange.EventStore.Appending;

namespace Exchange.Server.Audit;

/// <summary>
/// An event of a read's stream. Its version is known beforehand, for nobody else writes to that stream: the store need not look it up.
/// </summary>
/// <param name="partition">The stream's partition.</param>
/// <param name="stream">The read.</param>
/// <param name="version">1 for what begins the stream, 2 for the outcome.</param>
/// <param name="type">One of <see cref="AuditEventTypes"/>.</param>
/// <param name="payload">Protobuf bytes.</param>
internal sealed class ReadAuditUnit(int partition, Guid stream, long version, string type, ReadOnlyMemory<byte> payload) : AppendUnit(partition)
{
    /// <inheritdoc/>
    public override IAppendHandler Handler => ReadAuditHandler.Instance;

    /// <inheritdoc/>
    public override int SizeBytes => payload.Length + 100;

    private void AppendTo(AppendContext context) => context.Append(stream, version, type, payload.Span);

    private sealed class ReadAuditHandler : IAppendHandler, IAppendParticipant
    {
        public static readonly ReadAuditHandler Instance = new();

        public IAppendParticipant Join(IReadOnlyList<AppendUnit> units) => this;

        public void AddReads(ReadBatch batch)
        {
        }

        public void Decide(AppendUnit unit, AppendContext context) => ((ReadAuditUnit)unit).AppendTo(context);

        public void AddWrites(WriteBatch batch)
        {
        }
    }
}
