using Exchange.Server.Records.Events;

namespace Exchange.Server.Feed;

/// <summary>What a first look at an event told.</summary>
/// <param name="Event">The event, sealed as it is stored.</param>
/// <param name="Before">Rule per field on the record before it; null where it was not there for the reader, or that is not known yet.</param>
/// <param name="After">The same after it.</param>
/// <param name="NeedsHistory">True when the record's history must be folded to tell.</param>
internal sealed record EventLook(RecordEvent Event, short[]? Before, short[]? After, bool NeedsHistory)
{
    /// <summary>The event's stream.</summary>
    public (int Partition, Guid StreamId) Place => (Event.Stored.Partition, Event.Stored.StreamId);
}
