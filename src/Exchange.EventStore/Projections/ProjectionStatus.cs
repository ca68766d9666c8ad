namespace Exchange.EventStore.Projections;

/// <summary>How far a projection is.</summary>
/// <param name="Name">The projection.</param>
/// <param name="ActiveBuild">The build that is read.</param>
/// <param name="NextBuild">The build that is being made beside it; null when none is.</param>
/// <param name="Progress">One per build and partition, ordered.</param>
public sealed record ProjectionStatus(string Name, int ActiveBuild, int? NextBuild, IReadOnlyList<ProjectionProgress> Progress)
{
    /// <summary>Where the active build stopped; null when it runs.</summary>
    public ProjectionProgress? Stop => Progress.FirstOrDefault(p => p.Build == ActiveBuild && p.StopReason is not null);
}

/// <summary>How far a build has read a partition.</summary>
/// <param name="Build">The build.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Position">Last event with effect.</param>
/// <param name="Head">The partition's head.</param>
/// <param name="StopPosition">The event that could not be applied; null when it runs.</param>
/// <param name="StopReason">What its failure was, without values of events.</param>
public sealed record ProjectionProgress(int Build, int Partition, long Position, long Head, long? StopPosition, string? StopReason);
