using System.Collections.Immutable;
using Exchange.EventStore;
using Exchange.EventStore.Sealing;
using Exchange.Policy.Conditions;
using Exchange.Protos.Stored.V1;
using Google.Protobuf;

namespace Exchange.Server.Records.Events;

/// <summary>A stored record event as it is read: values as field values, sealed ones among them once <see cref="Unseal"/> was called.</summary>
internal sealed record RecordEvent
{
    /// <summary>Where and when it is stored.</summary>
    public required StoredEvent Stored { get; init; }

    /// <summary>True for what only suggests or ends a suggestion: `fields-proposed`, `value-disputed`, `proposal-decided`.</summary>
    public required bool IsProposal { get; init; }

    /// <summary>Resource id.</summary>
    public required string Resource { get; init; }

    /// <summary>Department that opened the record.</summary>
    public required string Opener { get; init; }

    /// <summary>Source system and number the record was opened with; empty but in a stream's first event.</summary>
    public (string SourceSystem, string SourceId) OpenedAs { get; init; } = ("", "");

    /// <summary>Source system of the push.</summary>
    public required string SourceSystem { get; init; }

    /// <summary>Version in that system; 0 when none was sent.</summary>
    public long SourceVersion { get; init; }

    /// <summary>Changed (or proposed) fields by number; a missing value is a removal.</summary>
    public required ImmutableArray<FieldVersion> Changes { get; init; }

    /// <summary>Values, before this event, of the fields that row conditions may use; empty in a stream's first event and in proposals.</summary>
    public required ImmutableArray<FieldVersion> Before { get; init; }

    /// <summary>Their values after it.</summary>
    public required ImmutableArray<FieldVersion> After { get; init; }

    /// <summary>Numbers of changed fields whose values are sealed.</summary>
    public required ImmutableArray<int> SealedFields { get; init; }

    /// <summary>Quality warnings of the row.</summary>
    public required ImmutableArray<string> Warnings { get; init; }

    /// <summary>Purpose code of the push; 0 when none was given.</summary>
    public int Purpose { get; init; }

    /// <summary>Version of the proposal that the owner took over with this; 0 for a push.</summary>
    public long Corrects { get; init; }

    /// <summary>True while some values are still sealed.</summary>
    public bool IsSealed => !SealedBytes.IsEmpty;

    /// <summary>True when the record's data key was destroyed: the sealed values are gone.</summary>
    public bool IsErased { get; private init; }

    private ByteString SealedBytes { get; init; } = ByteString.Empty;

    /// <summary>Reads a stored event; null when it is not a record's.</summary>
    public static RecordEvent? Parse(StoredEvent stored) => stored.Type switch
    {
        RecordEventTypes.FieldsPushed => Of(stored, FieldsPushed.Parser.ParseFrom(stored.Payload.Span)),
        // Disputes are proposals with more, and what ends one is like one without values: they were given the same numbers.
        RecordEventTypes.FieldsProposed or RecordEventTypes.ValueDisputed or RecordEventTypes.ProposalDecided => Of(stored, FieldsProposed.Parser.ParseFrom(stored.Payload.Span)),
        _ => null,
    };

    /// <summary>The event with its sealed values. The keys were loaded for the event's stream. After the key's destruction the values stay away.</summary>
    public RecordEvent Unseal(SealedValueReader keys)
    {
        if (!IsSealed)
        {
            return this;
        }

        if (keys.Open(Stored.Partition, Stored.StreamId, SealedBytes.Span) is not { } plain)
        {
            return this with { SealedBytes = ByteString.Empty, IsErased = true };
        }

        var opened = SealedChanges.Parser.ParseFrom(plain);
        return this with
        {
            SealedBytes = ByteString.Empty,
            Changes = [.. Changes, .. Values(opened.Changes)],
            Before = [.. Before, .. Values(opened.Before)],
            After = [.. After, .. Values(opened.After)],
        };
    }

    private static RecordEvent Of(StoredEvent stored, FieldsPushed pushed) => new()
    {
        Stored = stored,
        IsProposal = false,
        Resource = pushed.Resource,
        Opener = pushed.Opener,
        OpenedAs = (pushed.OpenedSourceSystem, pushed.OpenedSourceId),
        SourceSystem = pushed.SourceSystem,
        SourceVersion = pushed.SourceVersion,
        Changes = [.. Values(pushed.Changes)],
        Before = [.. Values(pushed.Before)],
        After = [.. Values(pushed.After)],
        SealedFields = [.. pushed.SealedFields],
        SealedBytes = pushed.Sealed,
        Warnings = [.. pushed.Warnings],
        Purpose = pushed.Purpose,
        Corrects = pushed.Corrects,
    };

    private static RecordEvent Of(StoredEvent stored, FieldsProposed proposed) => new()
    {
        Stored = stored,
        IsProposal = true,
        Resource = proposed.Resource,
        Opener = proposed.Opener,
        SourceSystem = proposed.SourceSystem,
        Changes = [.. Values(proposed.Changes)],
        Before = [],
        After = [.. Values(proposed.After)],
        SealedFields = [.. proposed.SealedFields],
        SealedBytes = proposed.Sealed,
        Warnings = [],
        Purpose = proposed.Purpose,
    };

    private static IEnumerable<FieldVersion> Values(IEnumerable<FieldChange> changes) =>
        changes.Select(change => new FieldVersion(change.Number, ValueMap.FromStored(change.Value)));
}
