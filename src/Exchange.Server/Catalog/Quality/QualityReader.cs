using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.EventStore;
using Exchange.Server.Records.Subjects;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Catalog.Quality;

/// <summary>Reads what was measured of resources, as far as a caller may see it: one statement, however many they are.</summary>
internal sealed class QualityReader(NpgsqlDataSource database, EventLog log)
{
    // By the indexes of resources. Scores of partitions that were measured by other rules stand apart.
    private const string Select = """
        SELECT m.resource, m.rules, 'measured' AS kind, '' AS department, 0 AS field, 0 AS rule, count(*) AS checks, 0::bigint AS met, min(m.score_time) AS time
        FROM quality.measurement AS m
        WHERE m.resource = ANY ($1) AND m.score_time IS NOT NULL
        GROUP BY m.resource, m.rules
        UNION ALL
        SELECT s.resource, m.rules, 'score', s.owner, s.field, s.rule, sum(s.checks)::bigint, sum(s.met)::bigint, NULL
        FROM quality.measurement AS m JOIN quality.score AS s ON s.partition = m.partition AND s.resource = m.resource
        WHERE m.resource = ANY ($1)
        GROUP BY s.resource, m.rules, s.owner, s.field, s.rule
        UNION ALL
        SELECT c.resource, '', 'change', c.department, 0, 0, 0, 0, max(c.change_time)
        FROM quality.change AS c
        WHERE c.resource = ANY ($1)
        GROUP BY c.resource, c.department
        """;

    private readonly ConditionalWeakTable<object, ILookup<ResourceId, SharingList>> lists = [];

    /// <summary>What was measured of the published ones among these whose records are in the hub.</summary>
    /// <param name="state">State that is shown.</param>
    /// <param name="resources">The resources, at most a page of them.</param>
    /// <param name="caller">Who sees it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyDictionary<ResourceId, MeasuredResource>> ReadAsync(
        GovernanceState state, IEnumerable<ResourceId> resources, DepartmentId caller, CancellationToken cancellationToken)
    {
        var asked = resources.Select(id => state.Resources.GetValueOrDefault(id.Value)).OfType<ResourceDefinition>().Where(resource => resource.Description.IsMounted)
            .ToDictionary(resource => resource.Id.Value, resource => new Found(resource, QualityRules.Fingerprint(state, resource)), StringComparer.Ordinal);
        await using var command = database.CreateCommand(Select);
        command.Parameters.Add(SqlValue.Parameter<string[]>([.. asked.Keys], NpgsqlDbType.Array | NpgsqlDbType.Text));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            asked[reader.GetString(0)].Add(reader);
        }

        var ofResources = lists.GetValue(state.SharingLists, _ => state.SharingLists.Values.ToLookup(list => list.Resource));
        return asked.Values.ToDictionary(found => found.Resource.Id, found => found.Show(ofResources[found.Resource.Id], caller, log.Partitions.Records.Count));
    }

    private sealed class Found(ResourceDefinition resource, string rules)
    {
        private readonly List<(string Owner, int Field, int Rule, long Checks, long Met)> scores = [];
        private readonly Dictionary<string, DateTimeOffset> changes = new(StringComparer.Ordinal);
        private long partitions;
        private DateTimeOffset? scoreTime;

        public ResourceDefinition Resource => resource;

        public void Add(NpgsqlDataReader row)
        {
            switch (row.GetString(2))
            {
                case "change":
                    changes.Add(row.GetString(3), row.GetFieldValue<DateTimeOffset>(8));
                    break;
                case "measured" when row.GetString(1) == rules:
                    (partitions, scoreTime) = (row.GetInt64(6), row.GetFieldValue<DateTimeOffset>(8));
                    break;
                case "score" when row.GetString(1) == rules:
                    scores.Add((row.GetString(3), row.GetInt32(4), row.GetInt32(5), row.GetInt64(6), row.GetInt64(7)));
                    break;
            }
        }

        public MeasuredResource Show(IEnumerable<SharingList> lists, DepartmentId caller, int allPartitions)
        {
            var measured = changes.ToImmutableSortedDictionary(StringComparer.Ordinal);
            if (rules.Length is 0 || partitions < allPartitions)
            {
                return new MeasuredResource(resource, [], null, rules.Length > 0 && changes.Count > 0, measured);
            }

            var known = QualityRules.Of(resource).ToDictionary(rule => (rule.Field.Number, rule.Index));
            List<SharingList> all = [.. lists];
            return new MeasuredResource(
                resource,
                [
                    .. scores
                        .Select(score => new CountedRule(known[(score.Field, score.Rule)], score.Owner, score.Checks, score.Met))
                        .Where(score => QualitySight.Shows(resource, all, score.Rule, new DepartmentId(score.Owner), caller, score.Checks)),
                ],
                scoreTime,
                IsMeasuring: false,
                measured);
        }
    }
}
