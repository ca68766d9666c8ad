using System.Collections.Immutable;

namespace Exchange.Catalog.Records;

/// <summary>What a pushed record comes to. The handler appends `fields-pushed` when <see cref="WritesFields"/>, then `fields-proposed` for each part of the proposals.</summary>
public readonly struct RecordDecision
{
    private static readonly ImmutableArray<FieldError> Stale =
        [new(string.Empty, FieldError.StaleSourceVersion, "a newer `source_version` of this system is stored: nothing changed")];

    private readonly ImmutableArray<FieldError> _errors;
    private readonly int[]? _changed;
    private readonly ImmutableArray<ProposedValue> _proposals;

    private RecordDecision(
        RecordOutcome outcome, ImmutableArray<FieldError> errors = default, RecordState? newState = null, int[]? changed = null,
        ImmutableArray<ProposedValue> proposals = default)
    {
        Outcome = outcome;
        _errors = errors;
        NewState = newState;
        _changed = changed;
        _proposals = proposals;
    }

    /// <summary>Outcome.</summary>
    public RecordOutcome Outcome { get; }

    /// <summary>For REJECTED every bad field; for UNCHANGED why, where it is not plain equality.</summary>
    public ImmutableArray<FieldError> Errors => _errors.IsDefault ? [] : _errors;

    /// <summary>
    /// The record afterwards, its version counting the events of this decision; null when nothing is to be kept. Set for
    /// UNCHANGED when only the source version moved on: equal values make no event, but an older version that comes
    /// late must still be known as older.
    /// </summary>
    public RecordState? NewState { get; }

    /// <summary>Indexes, ascending, of the fields that changed.</summary>
    public ReadOnlySpan<int> ChangedFields => _changed;

    /// <summary>Proposals to owners, by ascending field index.</summary>
    public ImmutableArray<ProposedValue> Proposals => _proposals.IsDefault ? [] : _proposals;

    /// <summary>True when fields are written (or a record is opened, maybe without any).</summary>
    public bool WritesFields => Outcome is RecordOutcome.Accepted;

    internal static RecordDecision Unchanged => new(RecordOutcome.Unchanged);

    internal static RecordDecision StaleVersion => new(RecordOutcome.Unchanged, Stale);

    internal static RecordDecision NewerVersion(RecordState state) => new(RecordOutcome.Unchanged, newState: state);

    internal static RecordDecision Rejected(ImmutableArray<FieldError> errors) => new(RecordOutcome.Rejected, errors);

    internal static RecordDecision Rejected(string reason, string message) => Rejected([new FieldError(string.Empty, reason, message)]);

    internal static RecordDecision Accepted(RecordState state, int[] changed, ImmutableArray<ProposedValue> proposals) =>
        new(RecordOutcome.Accepted, newState: state, changed: changed, proposals: proposals);

    internal static RecordDecision Proposed(RecordState state, ImmutableArray<ProposedValue> proposals) =>
        new(RecordOutcome.Proposed, newState: state, proposals: proposals);
}
