using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Npgsql;

namespace Exchange.Server.Catalog.Quality;

/// <summary>Counts the records of one partition that meet the rules of a resource, by owner.</summary>
internal sealed class QualityCount
{
    private readonly GovernanceState state;
    private readonly ResourceDefinition resource;
    private readonly ImmutableArray<MeasuredRule> rules;
    private readonly ImmutableArray<AttributeRef> owners;
    private readonly Dictionary<(int Rule, string Owner), (long Checks, long Met)> counts = [];

    private QualityCount(GovernanceState state, ResourceDefinition resource)
    {
        (this.state, this.resource) = (state, resource);
        rules = QualityRules.Of(resource);
        owners = [.. rules.Select(rule => Naming(rule.Field)).OfType<AttributeRef>().Distinct()];
    }

    /// <summary>The counts, of rules that apply to at least one record of an owner.</summary>
    public static async Task<IReadOnlyList<CountedRule>> ReadAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, GovernanceState state, ResourceDefinition resource, int partition, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var count = new QualityCount(state, resource);
        await using var command = QualitySql.Count(state, resource, count.rules, count.owners, partition, now).ToCommand(connection, transaction);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            count.Add(reader);
        }

        return [.. count.counts.Select(item => new CountedRule(count.rules[item.Key.Rule], item.Key.Owner, item.Value.Checks, item.Value.Met))];
    }

    private void Add(NpgsqlDataReader row)
    {
        foreach (var (index, rule) in rules.Index())
        {
            var checks = row.GetInt64(owners.Length + (2 * index));
            if (checks > 0 && OwnerOf(rule.Field, row) is { } owner)
            {
                var known = counts.GetValueOrDefault((index, owner));
                counts[(index, owner)] = (known.Checks + checks, known.Met + row.GetInt64(owners.Length + (2 * index) + 1));
            }
        }
    }

    // Null while no department is named.
    private string? OwnerOf(FieldDefinition field, NpgsqlDataReader row)
    {
        if (field.Owner is OwnerRule.Department { Id: var department })
        {
            return department.Value;
        }

        var place = owners.IndexOf(Naming(field)!.Value);
        return row.IsDBNull(place) ? null : row.GetString(place);
    }

    private AttributeRef? Naming(FieldDefinition field) => field.Owner switch
    {
        OwnerRule.Opener => SystemAttributes.Opener,
        OwnerRule.DepartmentField { FieldName: var name } when resource.TryGetField(name, out var naming) => new AttributeRef(naming.Name, naming.Number, naming.Type),
        _ => null,
    };
}

/// <summary>How many records of an owner a rule applies to, and how many of them meet it.</summary>
internal sealed record CountedRule(MeasuredRule Rule, string Owner, long Checks, long Met);
