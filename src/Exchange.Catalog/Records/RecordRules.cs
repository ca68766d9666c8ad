using System.Collections.Immutable;

namespace Exchange.Catalog.Records;

/// <summary>
/// Decides what a pushed record changes. The hot path of the hub: one pass over the columns, nothing allocated for a
/// record that changes nothing, one copy of the values and one list of changes for one that does.
/// </summary>
public static class RecordRules
{
    private static readonly RecordDecision NotThere =
        RecordDecision.Rejected(FieldError.RecordNotFound, "there is no such record: only its opener's own source id opens one");

    /// <summary>Decides one pushed record on the record as it stands.</summary>
    /// <param name="columns">The push's header.</param>
    /// <param name="state">The record, of the columns' revision; null when there is none.</param>
    /// <param name="openAs">The caller's own number when the reference is <see cref="RecordReference.Own"/>: opens the record when there is none; else null.</param>
    /// <param name="sourceVersion">Version in the source system; 0 means none.</param>
    /// <param name="values">One value for each field of the header, in its order.</param>
    public static RecordDecision Decide(PushColumns columns, RecordState? state, string? openAs, long sourceVersion, ReadOnlySpan<PushedValue> values)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var decision = DecideByOwner(columns, state, openAs, sourceVersion, values);
        return columns.Forbids?.Refuse(state, decision) ?? decision;
    }

    /// <summary>
    /// The value that a step suggests of the one field of these columns, as it would be stored; refused with what is wrong with it. Missing for a removal, and
    /// for what was not sent.
    /// </summary>
    public static Result<FieldValue> Suggest(PushColumns columns, in PushedValue value)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ref readonly var column = ref columns.Columns[0];
        if (value.IsNotSent)
        {
            return default(FieldValue);
        }

        var taken = column.Taken(value, default);
        return Complaint(column, value, taken, opening: false) is { } complaint ? Refusal.Invalid("value", complaint.Reason, complaint.Message) : taken;
    }

    /// <summary>True when the caller opened the record or owns a field that it sends a value for: then it may know of the record's changes.</summary>
    public static bool HasPart(PushColumns columns, RecordState state, ReadOnlySpan<PushedValue> values)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(state);
        var caller = columns.Caller.Department;
        if (state.Opener == caller)
        {
            return true;
        }

        foreach (ref readonly var column in columns.Columns.AsSpan())
        {
            if (!values[column.Position].IsNotSent && column.IsOwned(state, caller, isOpener: false))
            {
                return true;
            }
        }

        return false;
    }

    private static RecordDecision DecideByOwner(PushColumns columns, RecordState? state, string? openAs, long sourceVersion, ReadOnlySpan<PushedValue> values)
    {
        if (Refuse(columns, state, openAs, sourceVersion, values.Length) is { } rejected)
        {
            return rejected;
        }

        // Who may not know of a record neither proposes for it nor is told whose its fields are: it answers as one that is not there, whatever was sent.
        if (state is not null && columns.Sight is { } sight && !HasPart(columns, state, values) && !sight.Sees(columns.Resource, state))
        {
            return NotThere;
        }

        var stored = state?.SourceVersionOf(columns.SourceSystem) ?? 0;
        if (sourceVersion > 0 && sourceVersion < stored)
        {
            return RecordDecision.StaleVersion;
        }

        // Bounded by ResourceRules.MostFields; the resolver refuses longer headers.
        Span<int> changed = stackalloc int[columns.Count];
        Span<int> proposed = stackalloc int[columns.Count];
        var sorted = Sort(columns, state, values, changed, proposed);
        if (state is null)
        {
            RequireAtOpening(columns, values, ref sorted);
        }

        if (sorted.Errors is { } errors)
        {
            return RecordDecision.Rejected([.. errors]);
        }

        if (state is null)
        {
            return Open(columns, openAs!, sourceVersion, values, changed[..sorted.Changed], proposed[..sorted.Proposed]);
        }

        if (sourceVersion > 0 && sourceVersion == stored)
        {
            // Its proposals were stored when this version came first.
            return sorted.Changed is 0
                ? RecordDecision.Unchanged
                : RecordDecision.Rejected(FieldError.SourceVersionConflict, "this `source_version` came before with other content: send a higher one");
        }

        return Change(columns, state, sourceVersion, values, changed[..sorted.Changed], proposed[..sorted.Proposed]);
    }

    private static RecordDecision? Refuse(PushColumns columns, RecordState? state, string? openAs, long sourceVersion, int count)
    {
        if (count != columns.Count)
        {
            return RecordDecision.Rejected(FieldError.ValueCount, $"send {columns.Count} values, one for each field of the header");
        }

        if (sourceVersion < 0)
        {
            return RecordDecision.Rejected(FieldError.OutOfRange, "`source_version` is 1 or more, or 0 for none");
        }

        return state switch
        {
            null when openAs is null => NotThere,

            // The source system has moved to another department since the record was opened.
            not null when openAs is not null && state.Opener != columns.Caller.Department => RecordDecision.Rejected(
                FieldError.NotOpener, "another department opened this record under this source system"),
            _ => null,
        };
    }

    /// <summary>Sorts the columns into unchanged, changed, proposed and bad.</summary>
    private static Sorting Sort(PushColumns columns, RecordState? state, ReadOnlySpan<PushedValue> values, Span<int> changed, Span<int> proposed)
    {
        var sorting = default(Sorting);
        var caller = columns.Caller.Department;
        var isOpener = state is null || state.Opener == caller;
        var stored = state is null ? default : state.Values;
        var all = columns.Columns;
        for (var index = 0; index < all.Length; index++)
        {
            ref readonly var column = ref all[index];
            ref readonly var value = ref values[column.Position];
            if (value.IsNotSent)
            {
                continue;
            }

            var current = stored.IsEmpty ? default : stored[column.FieldIndex];
            var taken = column.Taken(value, current);
            if (column.IsOwned(state, caller, isOpener) || IsTightened(columns, column, value))
            {
                // Equal first: what is stored may be kept even where today's rules would refuse it anew.
                if (value.Complaint is null && taken.Equals(current))
                {
                    continue;
                }

                if (Complaint(column, value, taken, opening: state is null) is { } complaint)
                {
                    sorting.Add(column.Field.Name, complaint);
                }
                else
                {
                    changed[sorting.Changed++] = index;
                }
            }
            else if (columns.UnownedFields is not UnownedFields.Propose)
            {
                sorting.Add(column.Field.Name, NotOwned(columns, column));
            }
            else if (Complaint(column, value, column.Taken(value, default), opening: false) is { } complaint)
            {
                sorting.Add(column.Field.Name, complaint);
            }
            else if (state is null || value.Complaint is not null || !taken.Equals(current) || columns.Sight?.Shows(columns.Resource, state, column.FieldIndex) is not true)
            {
                // Also when the value is the stored one and the caller may not read it: leaving it out would tell.
                proposed[sorting.Proposed++] = index;
            }
        }

        return sorting;
    }

    // Confidentiality protects people: everybody may set it, only its owner may lift it.
    private static bool IsTightened(PushColumns columns, in PushColumn column, in PushedValue value) =>
        column.FieldIndex == columns.Flag && value.Value is { Type: FieldType.Boolean, AsBoolean: true };

    private static ValueComplaint? Complaint(in PushColumn column, in PushedValue value, in FieldValue taken, bool opening)
    {
        if (column.Field.Retired)
        {
            return new ValueComplaint(FieldError.RetiredField, "the field is retired: leave it out");
        }

        // At opening the check for required fields tells it.
        if (column.Field.Required && !opening && value.Complaint is null && IsEmpty(value))
        {
            return Missing(column.Field);
        }

        return value.IsClear ? null : value.Complaint ?? ValueRules.Check(column.Field, column.Codes, taken);
    }

    private static ValueComplaint NotOwned(PushColumns columns, in PushColumn column)
    {
        if (column.FieldIndex == columns.Flag)
        {
            return new ValueComplaint(FieldError.OnlyTighten, "only its owner may lift the confidentiality of a record");
        }

        return new ValueComplaint(FieldError.FieldNotOwned, column.Field.Owner switch
        {
            OwnerRule.Department { Id: var id } => $"the field belongs to `{id}`: propose the value instead (`unowned_fields` PROPOSE)",
            OwnerRule.DepartmentField { FieldName: var name } => $"the field belongs to the department that `{name}` named before this push: propose the value instead (`unowned_fields` PROPOSE)",
            _ => "the field belongs to the department that opened the record: propose the value instead (`unowned_fields` PROPOSE)",
        });
    }

    private static ValueComplaint Missing(FieldDefinition field) => new(FieldError.Required, $"`{field.Name}` must have a value");

    private static void RequireAtOpening(PushColumns columns, ReadOnlySpan<PushedValue> values, ref Sorting sorting)
    {
        foreach (var fieldIndex in columns.Required)
        {
            if (!IsSent(columns, values, fieldIndex))
            {
                var field = columns.Resource.Fields[fieldIndex];
                sorting.Add(field.Name, Missing(field));
            }
        }
    }

    private static bool IsSent(PushColumns columns, ReadOnlySpan<PushedValue> values, int fieldIndex)
    {
        foreach (ref readonly var column in columns.Columns.AsSpan())
        {
            if (column.FieldIndex == fieldIndex)
            {
                ref readonly var value = ref values[column.Position];
                return value.Complaint is not null || !IsEmpty(value);
            }
        }

        return false;
    }

    private static bool IsEmpty(in PushedValue value) => value.Value.IsMissing || value.Value is { Type: FieldType.Text, IsEmptyText: true };

    private static RecordDecision Open(
        PushColumns columns, string openAs, long sourceVersion, ReadOnlySpan<PushedValue> values, ReadOnlySpan<int> changed, ReadOnlySpan<int> proposed)
    {
        var stored = new FieldValue[columns.Resource.Fields.Length];
        var fields = Write(columns, values, changed, stored);
        var proposals = Proposals(columns, values, proposed);
        var state = new RecordState(
            1 + EventsOf(columns, columns.Caller.Department, proposals),
            columns.Caller.Department,
            columns.SourceSystem,
            openAs,
            stored,
            RecordState.WithVersion([], columns.SourceSystem, sourceVersion));
        return RecordDecision.Accepted(state, fields, proposals);
    }

    private static RecordDecision Change(
        PushColumns columns, RecordState state, long sourceVersion, ReadOnlySpan<PushedValue> values, ReadOnlySpan<int> changed, ReadOnlySpan<int> proposed)
    {
        if (changed.IsEmpty && proposed.IsEmpty)
        {
            return sourceVersion > 0
                ? RecordDecision.NewerVersion(state.Next(0, null, columns.SourceSystem, sourceVersion))
                : RecordDecision.Unchanged;
        }

        var proposals = Proposals(columns, values, proposed);
        if (changed.IsEmpty)
        {
            return RecordDecision.Proposed(state.Next(EventsOf(columns, state.Opener, proposals), null, columns.SourceSystem, sourceVersion), proposals);
        }

        var stored = state.CopyValues();
        var fields = Write(columns, values, changed, stored);
        return RecordDecision.Accepted(state.Next(1 + EventsOf(columns, state.Opener, proposals), stored, columns.SourceSystem, sourceVersion), fields, proposals);
    }

    // Every proposal is an event of its own.
    private static int EventsOf(PushColumns columns, DepartmentId opener, ImmutableArray<ProposedValue> proposals) =>
        proposals.IsEmpty ? 0 : ProposalParts.Of(columns.Resource, opener, proposals).Length;

    private static int[] Write(PushColumns columns, ReadOnlySpan<PushedValue> values, ReadOnlySpan<int> changed, FieldValue[] stored)
    {
        // Most pushes write all their fields: then there is nothing to list anew.
        var isAll = changed.Length == columns.FieldIndexes.Length;
        var fields = isAll ? columns.FieldIndexes : new int[changed.Length];
        for (var index = 0; index < changed.Length; index++)
        {
            ref readonly var column = ref columns.Columns[changed[index]];
            stored[column.FieldIndex] = column.Taken(values[column.Position], default);
            if (!isAll)
            {
                fields[index] = column.FieldIndex;
            }
        }

        return fields;
    }

    private static ImmutableArray<ProposedValue> Proposals(PushColumns columns, ReadOnlySpan<PushedValue> values, ReadOnlySpan<int> proposed)
    {
        if (proposed.IsEmpty)
        {
            return [];
        }

        var proposals = ImmutableArray.CreateBuilder<ProposedValue>(proposed.Length);
        foreach (var index in proposed)
        {
            ref readonly var column = ref columns.Columns[index];
            proposals.Add(new ProposedValue(column.FieldIndex, column.Taken(values[column.Position], default)));
        }

        return proposals.MoveToImmutable();
    }

    private struct Sorting
    {
        internal int Changed;
        internal int Proposed;
        internal List<FieldError>? Errors;

        internal void Add(string field, ValueComplaint complaint) => (Errors ??= []).Add(new FieldError(field, complaint.Reason, complaint.Message));
    }
}
