using System.Collections.Immutable;

namespace Exchange.Catalog;

/// <summary>An owner's permission to a reader (授权), with an end. Compares its lists by reference: compare ids instead.</summary>
public sealed record Grant
{
    /// <summary>Its id.</summary>
    public required GrantId Id { get; init; }

    /// <summary>The department that gives it.</summary>
    public required DepartmentId Owner { get; init; }

    /// <summary>The department that may read.</summary>
    public required DepartmentId Reader { get; init; }

    /// <summary>Of which resource.</summary>
    public required ResourceId Resource { get; init; }

    /// <summary>Names of the fields, at least one; resolved by name against the resource's current revision.</summary>
    public required ImmutableArray<string> Fields { get; init; }

    /// <summary>For which purposes, at least one.</summary>
    public required ImmutableArray<Purpose> Purposes { get; init; }

    /// <summary>Row filter in filter syntax without text search; empty means every row of the owner.</summary>
    public string RowFilter { get; init; } = "";

    /// <summary>Mask instead of the sharing list's; unspecified takes the sharing list's.</summary>
    public Mask Mask { get; init; }

    /// <summary>Ends then; at most 3 years after it was issued.</summary>
    public required DateTimeOffset ExpireTime { get; init; }

    /// <summary>When it was issued.</summary>
    public DateTimeOffset CreateTime { get; init; }

    /// <summary>When it was revoked; null while it stands.</summary>
    public DateTimeOffset? RevokeTime { get; init; }

    /// <summary>True while a reader may rely on it.</summary>
    public bool IsActive(DateTimeOffset now) => RevokeTime is null && now < ExpireTime;
}
