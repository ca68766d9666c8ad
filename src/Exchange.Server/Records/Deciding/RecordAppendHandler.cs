using Exchange.EventStore.Appending;

namespace Exchange.Server.Records.Deciding;

/// <summary>Decides pushed records and keeps the subject tables, in the transaction that stores the events.</summary>
internal sealed class RecordAppendHandler : IAppendHandler
{
    /// <inheritdoc/>
    public IAppendParticipant Join(IReadOnlyList<AppendUnit> units) => new RecordAppendParticipant([.. units.Cast<RecordUnit>()]);
}
