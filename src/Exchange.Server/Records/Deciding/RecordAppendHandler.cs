using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.EventStore.Appending;

namespace Exchange.Server.Records.Deciding;

/// <summary>Decides pushed records and keeps the subject tables, in the transaction that stores the events.</summary>
/// <param name="newest">The newest state of governance; refused when this node does not know that it is the newest.</param>
/// <param name="time">Tells when what a plan hangs on has ended.</param>
internal sealed class RecordAppendHandler(Func<Result<GovernanceState>> newest, TimeProvider time) : IAppendHandler
{
    /// <inheritdoc/>
    public IAppendParticipant Join(IReadOnlyList<AppendUnit> units) => new RecordAppendParticipant([.. units.Cast<RecordUnit>()], newest, time);
}
