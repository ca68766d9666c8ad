namespace Exchange.EventStore.Appending;

/// <summary>
/// The part of one submission that falls in one partition, decided while this node is the only writer of that partition. Derive from it to
/// carry what your handler needs; a unit may be decided more than once (a retried transaction), so deciding must not change it.
/// </summary>
/// <param name="partition">The partition all its events go to.</param>
public abstract class AppendUnit(int partition)
{
    /// <summary>The partition all its events go to.</summary>
    public int Partition { get; } = partition;

    /// <summary>Department on whose behalf the events are written; stored with each event. May be empty.</summary>
    public required string Caller { get; init; }

    /// <summary>Client that sent the request; stored with each event. May be empty.</summary>
    public required string Client { get; init; }

    /// <summary>Governance position the events are decided under, unless the handler sets another in <see cref="AppendContext.GovernancePosition"/>.</summary>
    public long GovernancePosition { get; init; }

    /// <summary>Decides this kind of unit.</summary>
    public abstract IAppendHandler Handler { get; }

    /// <summary>Streams whose version the store must read before the decision; leave empty when the handler knows versions from its own tables.</summary>
    public virtual IReadOnlyCollection<Guid> VersionedStreams => [];

    /// <summary>Streams for which the decision may call <see cref="AppendContext.Seal"/>.</summary>
    public virtual IReadOnlyCollection<Guid> SealedStreams => [];

    /// <summary>About how many events it will store, at least 1; counts against the limits of queue and transaction.</summary>
    public virtual int EventCount => 1;

    /// <summary>About how many bytes it holds in memory; counts against the limits of queue and transaction.</summary>
    public virtual int SizeBytes => 0;
}
