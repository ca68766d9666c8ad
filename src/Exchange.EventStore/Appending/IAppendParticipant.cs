namespace Exchange.EventStore.Appending;

/// <summary>
/// A handler's part in one attempt of one append transaction: reads for all units in one round trip, decides each, writes for all in one
/// round trip. It may keep state between these calls; a retried transaction gets a new participant.
/// </summary>
public interface IAppendParticipant
{
    /// <summary>Adds the queries the decisions need. They run after the partitions are locked, so what they read stays true until the commit.</summary>
    void AddReads(ReadBatch batch);

    /// <summary>
    /// Decides one unit and appends its events through the context. An expected "no" calls <see cref="AppendContext.Refuse(object)"/> before this
    /// participant's own state is changed. An exception fails the unit's submission only: the transaction starts anew without it.
    /// </summary>
    void Decide(AppendUnit unit, AppendContext context);

    /// <summary>Adds the statements that keep projections, for all decided units. They commit with the events or not at all.</summary>
    void AddWrites(WriteBatch batch);
}
