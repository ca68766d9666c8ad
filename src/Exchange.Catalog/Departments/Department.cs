using System.Collections.Immutable;

namespace Exchange.Catalog;

/// <summary>An organisation connected to the hub (部门). Compares its source systems and attributes by reference: compare ids instead.</summary>
public sealed record Department
{
    /// <summary>Its id.</summary>
    public required DepartmentId Id { get; init; }

    /// <summary>English name, 1 to 200 characters.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Chinese name, at most 200 characters.</summary>
    public string DisplayNameZh { get; init; } = "";

    /// <summary>Administrative level.</summary>
    public required AdministrativeLevel Level { get; init; }

    /// <summary>Department above; null at the top.</summary>
    public DepartmentId? Parent { get; init; }

    /// <summary>Systems whose records it opens and whose numbers it uses, at most 100.</summary>
    public ImmutableArray<SourceSystemId> SourceSystems { get; init; } = [];

    /// <summary>What policy rows may ask of its callers beyond what is built in, at most 20, by name.</summary>
    public ImmutableSortedDictionary<string, string> Attributes { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Unified social credit code (统一社会信用代码), see <see cref="Catalog.CreditCode"/>; empty when it has none.</summary>
    public string CreditCode { get; init; } = "";

    /// <summary>From 1, one more with each change.</summary>
    public int Revision { get; init; } = 1;

    /// <summary>Changes with every update.</summary>
    public string Etag => $"d{Revision}";

    /// <summary>When it was registered.</summary>
    public DateTimeOffset CreateTime { get; init; }
}
