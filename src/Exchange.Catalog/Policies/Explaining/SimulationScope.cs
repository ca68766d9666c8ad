using System.Collections.Immutable;

namespace Exchange.Catalog.Policies;

/// <summary>Which answers a simulation compares. What is not named is all there is.</summary>
public sealed record SimulationScope
{
    /// <summary>Readers.</summary>
    public ImmutableArray<DepartmentId> Departments { get; init; } = [];

    /// <summary>Resources.</summary>
    public ImmutableArray<ResourceId> Resources { get; init; } = [];

    /// <summary>Purposes.</summary>
    public ImmutableArray<Purpose> Purposes { get; init; } = [];

    /// <summary>The address that readers call from; null for none, and then fields that hang on it are not compared.</summary>
    public string? Network { get; init; }
}
