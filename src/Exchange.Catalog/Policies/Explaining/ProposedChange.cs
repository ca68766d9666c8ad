using System.Collections.Immutable;

namespace Exchange.Catalog.Policies;

/// <summary>A change of policies that somebody thinks about. Nothing of it is checked yet.</summary>
public sealed record ProposedChange
{
    /// <summary>Rows to set.</summary>
    public ImmutableArray<PolicyRow> SetRows { get; init; } = [];

    /// <summary>Rows to remove.</summary>
    public ImmutableArray<PolicyRowId> RemovedRows { get; init; } = [];

    /// <summary>Sharing lists with the entries to change, by field name; other entries stay.</summary>
    public ImmutableArray<SharingChange> SharingLists { get; init; } = [];
}

/// <summary>Entries to change on one sharing list.</summary>
/// <param name="Department">Whose list.</param>
/// <param name="Resource">For which resource.</param>
/// <param name="Entries">Entries by field name; the number in an entry is ignored.</param>
public sealed record SharingChange(DepartmentId Department, ResourceId Resource, ImmutableArray<(string Field, SharingEntry Entry)> Entries);
