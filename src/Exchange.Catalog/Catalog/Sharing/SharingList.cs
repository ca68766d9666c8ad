using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Exchange.Catalog;

/// <summary>A department's own entries for one resource (共享清单); fields without one follow the resource's defaults.</summary>
public sealed record SharingList
{
    /// <summary>Whose entries.</summary>
    public required DepartmentId Department { get; init; }

    /// <summary>For which resource.</summary>
    public required ResourceId Resource { get; init; }

    /// <summary>Own entries in the order of field numbers.</summary>
    public required ImmutableArray<SharingEntry> Entries { get; init; }

    /// <summary>From 1, one more with each change; 0 for the list a department has before it wrote one.</summary>
    public required int Revision { get; init; }

    /// <summary>Changes with every update.</summary>
    public string Etag => $"s{Revision}";

    /// <summary>The department's own entry for a field.</summary>
    public bool TryGetEntry(int fieldNumber, [NotNullWhen(true)] out SharingEntry? entry)
    {
        entry = Entries.FirstOrDefault(candidate => candidate.FieldNumber == fieldNumber);
        return entry is not null;
    }
}
