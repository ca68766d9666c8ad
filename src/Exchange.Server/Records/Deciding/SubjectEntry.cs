using Exchange.Catalog.Records;

namespace Exchange.Server.Records.Deciding;

/// <summary>One record in one append transaction: as it stands there, and what of it must be written.</summary>
internal sealed class SubjectEntry
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its partition.</summary>
    public required int Partition { get; init; }

    /// <summary>The one unit that touches it, while it may be presumed new; null otherwise.</summary>
    public RecordUnit? OnlyUnit { get; private set; }

    /// <summary>Which of that unit's batch it is.</summary>
    public int Index { get; private set; }

    /// <summary>What opens it when it is presumed new; null otherwise.</summary>
    public RecordDecision? Opening { get; set; }

    /// <summary>The record; null while there is none.</summary>
    public RecordState? Record { get; private set; }

    /// <summary>Position of its first event, when this transaction opened it.</summary>
    public long OpenedPosition { get; private set; }

    /// <summary>Position of its last event.</summary>
    public long Position { get; private set; }

    /// <summary>When it last changed, in microseconds since 1970.</summary>
    public long UpdateTime { get; private set; }

    /// <summary>True when this transaction opened it.</summary>
    public bool IsNew { get; private set; }

    /// <summary>True when this transaction changed it.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>True when this transaction changed a searchable field.</summary>
    public bool IsSearchChanged { get; private set; }

    /// <summary>Takes note of a unit that touches it. Only a record that is touched once may be presumed new.</summary>
    public void Join(RecordUnit unit, int index, bool isFirst) => (OnlyUnit, Index) = (isFirst && unit.Batch.PresumesNew ? unit : null, index);

    /// <summary>The record as the database has it.</summary>
    public void Load(RecordState record, long position, long updateTime)
    {
        Record = record;
        Position = position;
        UpdateTime = updateTime;
    }

    /// <summary>The record after a decision that stored events, given the positions of the first and the last of them.</summary>
    public void Change(RecordState record, long firstPosition, long lastPosition, long updateTime, bool changesSearch)
    {
        if (Record is null)
        {
            IsNew = true;
            OpenedPosition = firstPosition;
        }

        Load(record, lastPosition, updateTime);
        IsChanged = true;
        IsSearchChanged |= changesSearch;
    }

    /// <summary>The record after a decision that stored no event but moved on its source version.</summary>
    public void Keep(RecordState record)
    {
        Record = record;
        IsChanged = true;
    }
}
