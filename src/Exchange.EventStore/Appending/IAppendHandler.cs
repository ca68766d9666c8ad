namespace Exchange.EventStore.Appending;

/// <summary>Takes part in append transactions for one kind of unit. One instance serves all appenders at once, so it holds no state.</summary>
public interface IAppendHandler
{
    /// <summary>
    /// Begins one attempt of one transaction, with all its units of this handler, in the order they will be decided. They may belong to
    /// several partitions and callers; two of them may touch the same stream.
    /// </summary>
    IAppendParticipant Join(IReadOnlyList<AppendUnit> units);
}
