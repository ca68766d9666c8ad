namespace Exchange.EventStore.Appending;

/// <summary>Why an append was refused. Nothing of the refused part is stored.</summary>
public enum AppendRefusalReason
{
    /// <summary>The handler refused; see <see cref="AppendRefusal.Detail"/>.</summary>
    Decision,

    /// <summary>The idempotency key was used for another request.</summary>
    KeyReused,

    /// <summary>A stream is not at the expected version.</summary>
    StaleVersion,

    /// <summary>The queue is full; retry later.</summary>
    Overloaded,

    /// <summary>The database's volume has too little free space; reads go on.</summary>
    DiskNearlyFull,

    /// <summary>The database could not be reached for too long; certainly not stored.</summary>
    Unavailable,

    /// <summary>This node is stopping; certainly not stored.</summary>
    Closed,
}
