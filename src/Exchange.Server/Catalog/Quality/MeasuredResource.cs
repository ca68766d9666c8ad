using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Server.Departments;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Catalog.Quality;

/// <summary>What was measured of one resource, as far as one caller may see it.</summary>
/// <param name="Definition">The resource.</param>
/// <param name="Scores">Scores that the caller may see; none until every partition was measured.</param>
/// <param name="ScoreTime">When the partition that was measured longest ago was; null until every partition was.</param>
/// <param name="IsMeasuring">True when there are rules and records, but not every partition was measured by them.</param>
/// <param name="Changes">When departments last changed a record.</param>
internal sealed record MeasuredResource(
    ResourceDefinition Definition, IReadOnlyList<CountedRule> Scores, DateTimeOffset? ScoreTime, bool IsMeasuring, ImmutableSortedDictionary<string, DateTimeOffset> Changes)
{
    /// <summary>All scores together; null when there is none to show.</summary>
    public Proto.QualityScore? Score => ScoreTime is { } time ? QualityMap.ToScore(Scores, time) : null;

    /// <summary>How fresh its records are.</summary>
    public Staleness StalenessOf(GovernanceState state, DateTimeOffset now) =>
        Staleness.Of(Definition.UpdateCycle, Changes.IsEmpty ? null : Changes.Values.Max(), state.Settings.Calendar, now);

    /// <summary>All of it as a message.</summary>
    public Proto.ResourceQuality ToProto(GovernanceState state, DateTimeOffset now)
    {
        var message = new Proto.ResourceQuality { Score = Score, Measuring = IsMeasuring, Staleness = StalenessOf(state, now).ToProto() };
        if (ScoreTime is { } time)
        {
            message.Fields.AddRange(Scores
                .GroupBy(score => (score.Rule.Field.Number, score.Owner))
                .OrderBy(score => score.Key.Number).ThenBy(score => score.Key.Owner, StringComparer.Ordinal)
                .Select(score => QualityMap.ToProto([.. score], time)));
        }

        var owners = Definition.Fields.Where(field => !field.Retired).Select(field => field.Owner).OfType<OwnerRule.Department>().Select(owner => owner.Id.Value);
        message.Departments.AddRange(Changes.Keys.Union(owners, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(department => new Proto.DepartmentStaleness
        {
            Department = DepartmentMap.NameOf(new DepartmentId(department)),
            Staleness = Staleness.Of(
                Staleness.CycleOf(Definition, state.SharingListOf(new DepartmentId(department), Definition.Id)),
                Changes.TryGetValue(department, out var last) ? last : null,
                state.Settings.Calendar,
                now).ToProto(),
        }));
        return message;
    }
}
