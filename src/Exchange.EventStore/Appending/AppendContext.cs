using Exchange.EventStore.Committing;

namespace Exchange.EventStore.Appending;

/// <summary>What a decision may use and do. Valid during one <see cref="IAppendParticipant.Decide"/> only.</summary>
public sealed class AppendContext
{
    private readonly AppendTransaction transaction;
    private readonly LockedPartition partition;
    private readonly AppendUnit unit;

    internal AppendContext(AppendTransaction transaction, LockedPartition partition, AppendUnit unit)
    {
        this.transaction = transaction;
        this.partition = partition;
        this.unit = unit;
        GovernancePosition = unit.GovernancePosition;
    }

    /// <summary>The unit's partition.</summary>
    public int Partition => partition.Id;

    /// <summary>Time of this transaction in this partition: max(previous, now), UTC, microseconds. Decide with it; do not read a clock.</summary>
    public DateTimeOffset RecordedAt => partition.RecordedAt;

    /// <summary>Position the next event of this partition gets.</summary>
    public long NextPosition => partition.Head + 1;

    /// <summary>Governance position stored with the events appended from now on; begins as the unit's.</summary>
    public long GovernancePosition { get; set; }

    internal long FirstPosition { get; private set; }

    internal long LastPosition { get; private set; }

    internal ReadOnlyMemory<byte> Outcome { get; private set; }

    internal AppendRefusal? Refusal { get; private set; }

    /// <summary>Version of a stream named in <see cref="AppendUnit.VersionedStreams"/>, events of this transaction included; 0 when it has none.</summary>
    public long VersionOf(Guid streamId) => partition.VersionOf(streamId);

    /// <summary>Appends to a stream named in <see cref="AppendUnit.VersionedStreams"/>. The payload is copied.</summary>
    public AppendedEvent Append(Guid streamId, string type, ReadOnlySpan<byte> payload)
    {
        var version = partition.VersionOf(streamId) + 1;
        var place = Append(streamId, version, type, payload);
        partition.SetVersion(streamId, version);
        return place;
    }

    /// <summary>
    /// Appends with the version given by the caller, who read it from a table kept in append transactions: the stream's current version + 1,
    /// earlier events of this transaction included. A wrong one fails the submission. A stream is versioned by one of the two ways only. The payload is copied.
    /// </summary>
    public AppendedEvent Append(Guid streamId, long version, string type, ReadOnlySpan<byte> payload)
    {
        if (Refusal is not null)
        {
            throw new InvalidOperationException("a refused unit appends nothing");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        var position = transaction.Events.Add(partition, streamId, version, type, payload, unit, GovernancePosition);
        FirstPosition = FirstPosition is 0 ? position : FirstPosition;
        LastPosition = position;
        return new AppendedEvent(position, version);
    }

    /// <summary>
    /// Seals bytes under the data key of a stream named in <see cref="AppendUnit.SealedStreams"/>; the key is made with its first use, in
    /// this transaction. Throws <see cref="Sealing.DataKeyDestroyedException"/> when the stream's key was destroyed.
    /// </summary>
    public byte[] Seal(Guid streamId, ReadOnlySpan<byte> plaintext) => partition.KeyOf(streamId).Seal(plaintext);

    /// <summary>Bytes returned with the unit's result, now and on every repeat with the same key.</summary>
    public void SetOutcome(ReadOnlyMemory<byte> outcome) => Outcome = outcome;

    /// <summary>Refuses the unit's submission: nothing of it is stored in this transaction, its key stays free. Before any append.</summary>
    /// <param name="detail">Returned as <see cref="AppendRefusal.Detail"/>.</param>
    public void Refuse(object detail) =>
        Refuse(new AppendRefusal(AppendRefusalReason.Decision, "the request was refused") { Detail = detail });

    internal void Refuse(AppendRefusal refusal)
    {
        if (LastPosition is not 0)
        {
            throw new InvalidOperationException("a unit that appended cannot refuse");
        }

        Refusal = refusal;
    }
}

/// <summary>Where an event will stand once the transaction commits.</summary>
/// <param name="Position">Place in its partition, from 1.</param>
/// <param name="Version">Place in its stream, from 1.</param>
public readonly record struct AppendedEvent(long Position, long Version);
