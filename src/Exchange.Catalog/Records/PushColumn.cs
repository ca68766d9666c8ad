using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Records;

/// <summary>One field of a push's header with everything that does not depend on the record.</summary>
internal readonly struct PushColumn
{
    private PushColumn(FieldDefinition field, int fieldIndex, int position, CodeList? codes, Ownership ownership, int ownerField)
    {
        Field = field;
        FieldIndex = fieldIndex;
        Position = position;
        Codes = codes;
        Ownership = ownership;
        OwnerField = ownerField;
    }

    internal FieldDefinition Field { get; }

    /// <summary>Place in the resource.</summary>
    internal int FieldIndex { get; }

    /// <summary>Place in the header, and so in each record's values.</summary>
    internal int Position { get; }

    internal CodeList? Codes { get; }

    internal Ownership Ownership { get; }

    /// <summary>Index of the field that names the owner, for <see cref="Ownership.Named"/>.</summary>
    internal int OwnerField { get; }

    /// <summary>
    /// The value as it would be stored in the place of this one. What the list does not map as it was sent stays as it is and is refused, unless its
    /// source's code is the one that is stored: a mapping that is gone takes nothing from what it made.
    /// </summary>
    internal FieldValue Taken(in PushedValue value, in FieldValue current)
    {
        if (Codes is null || value.Value.Sourced is not { } sent)
        {
            return value.Value;
        }

        if (Codes.TryMap(sent.CodeSystem, sent.SourceCode, out var mapped))
        {
            return sent.Code.Length is 0 || sent.Code == mapped.Code ? FieldValue.Code(mapped) : value.Value;
        }

        return sent.Code.Length is 0 && current.Sourced is { } stored && stored.Source == sent.Source ? current : value.Value;
    }

    internal static PushColumn Of(GovernanceState state, DepartmentId caller, ResourceDefinition resource, int index, int position)
    {
        var field = resource.Fields[index];
        var codes = field.CodeList is { } list ? state.CodeLists.GetValueOrDefault(list.Value) : null;
        var (ownership, ownerField) = field.Owner switch
        {
            OwnerRule.Department { Id: var id } => (id == caller ? Ownership.Always : Ownership.Never, -1),
            OwnerRule.Opener => (Ownership.Opener, -1),
            OwnerRule.DepartmentField { FieldName: var name } => (Ownership.Named, resource.IndexOf(name)),
            _ => throw new System.Diagnostics.UnreachableException($"owner rule {field.Owner} has no meaning"),
        };
        return new PushColumn(field, index, position, codes, ownership, ownerField);
    }

    /// <summary>
    /// True when the caller owns the field of this record, judged on the record as it was BEFORE the push: who hands a
    /// record over cannot write the new department's fields in the same breath, and nobody makes itself responsible.
    /// </summary>
    internal bool IsOwned(RecordState? state, DepartmentId caller, bool isOpener) => Ownership switch
    {
        Ownership.Always => true,
        Ownership.Opener => isOpener,
        Ownership.Named => state is not null && state.Values[OwnerField] is { IsMissing: false } name && name.AsText == caller.Value,
        _ => false,
    };
}
