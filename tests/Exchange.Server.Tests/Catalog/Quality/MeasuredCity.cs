using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Server.Catalog.Quality;
using Exchange.Server.Tests.Records;
using Exchange.Server.Tests.Records.Push;
using Microsoft.Extensions.DependencyInjection;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Tests.Catalog.Quality;

/// <summary>The invented city with quality rules, and what tests need to push random records and to measure at once.</summary>
public sealed class MeasuredCity : IAsyncLifetime
{
    private int revision = 1;

    public CityHub Hub { get; } = new();

    internal QualityMeasurer Measurer => Hub.Hub.Services.GetRequiredService<QualityMeasurer>();

    internal ResourceDefinition Resource => Hub.State.Resources["complaint"];

    public ValueTask InitializeAsync() => Hub.InitializeAsync();

    public ValueTask DisposeAsync() => Hub.DisposeAsync();

    /// <summary>Publishes the complaint with these rules, and an update cycle.</summary>
    internal async Task PublishAsync(UpdateCycle cycle, params (string Field, QualityRule[] Rules)[] rules)
    {
        var fields = City.Fields.Select(field => field with
        {
            QualityRules = [.. rules.Where(rule => rule.Field == field.Name).SelectMany(rule => rule.Rules)],
        });
        await Hub.HappenAsync(new GovernanceEvent.ResourcePublished(
            new ResourceDefinition(City.Complaint, ++revision, fields) { Department = City.Centre.Department, DisplayName = "Complaints", UpdateCycle = cycle }));
    }

    /// <summary>Measures until every partition is measured as it is now, beside whatever the hub does by itself.</summary>
    internal async Task MeasureAsync(params QualityMeasurer[] measurers)
    {
        var rules = QualityRules.Fingerprint(Hub.State, Resource);
        var heads = await Hub.HeadsAsync();
        for (var deadline = DateTime.UtcNow.AddSeconds(60); !await IsMeasuredAsync();)
        {
            Assert.True(DateTime.UtcNow < deadline, "it was not measured in time");
            foreach (var partition in heads.Keys)
            {
                await Task.WhenAll((measurers is [] ? [Measurer] : measurers).Select(measurer => measurer.MeasureAsync(City.Complaint, partition, TestContext.Current.CancellationToken)));
            }
        }

        async Task<bool> IsMeasuredAsync()
        {
            var measured = new Dictionary<int, (long Position, bool IsScored)>();
            await using var command = Hub.Database.CreateCommand("SELECT partition, position, rules = $1 AND (rules = '' OR changed_position <= score_position) FROM quality.measurement WHERE resource = 'complaint'");
            command.Parameters.Add(new() { Value = rules });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                measured.Add(reader.GetInt32(0), (reader.GetInt64(1), reader.GetBoolean(2)));
            }

            return heads.All(head => measured.TryGetValue(head.Key, out var is_) && is_.Position >= head.Value && is_.IsScored);
        }
    }

    /// <summary>The complaint as the one window shows it to this caller.</summary>
    internal async Task<Proto.Resource> GetAsync(Caller caller) =>
        await new Proto.CatalogService.CatalogServiceClient(Hub.ClientOf(caller).Invoker).GetResourceAsync(new() { Name = "resources/complaint" });

    /// <summary>All counts that are stored, over all partitions.</summary>
    internal async Task<SortedDictionary<string, (long Checks, long Met)>> CountsAsync()
    {
        SortedDictionary<string, (long, long)> counts = new(StringComparer.Ordinal);
        await using var command = Hub.Database.CreateCommand(
            "SELECT field, rule, owner, sum(checks)::bigint, sum(met)::bigint FROM quality.score WHERE resource = 'complaint' GROUP BY field, rule, owner");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            counts.Add($"{reader.GetInt32(0)} {reader.GetInt32(1)} {reader.GetString(2)}", (reader.GetInt64(3), reader.GetInt64(4)));
        }

        return counts;
    }

    /// <summary>Pushes complaints with a title, of a department, under these numbers.</summary>
    internal async Task PushTitlesAsync(Caller opener, string prefix, int count, Func<int, string> title)
    {
        var receipt = await Hub.PushAsync(opener, Hub.Header(opener, "title"), [.. Enumerable.Range(0, count).Select(number => Pushed.Own($"{prefix}-{number}", Pushed.Text(title(number))))]);
        Assert.All(receipt.Results, result => Assert.Equal(Proto.RecordOutcome.Accepted, result.Outcome));
    }
}
