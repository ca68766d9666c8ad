using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Audit;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Caller = Exchange.Catalog.Caller;
using GrantId = Exchange.Catalog.GrantId;
using Purpose = Exchange.Protos.V1.Purpose;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Reading;

/// <summary>What a read shows when what may be read changes while its intent is written.</summary>
public sealed class PlanMeanwhileTests : IAsyncLifetime
{
    private readonly SlowTrail trail = new();
    private readonly CityHub city;
    private string name = "";

    public PlanMeanwhileTests() => city = new CityHub
    {
        Settings = new TestHubSettings
        {
            Add = services =>
            {
                var written = services.Last(service => service.ServiceType == typeof(IReadAudit));
                services.AddSingleton<IReadAudit>(provider => trail.Before((IReadAudit)ActivatorUtilities.CreateInstance(provider, written.ImplementationType!)));
            },
        },
    };

    public async ValueTask InitializeAsync()
    {
        await city.InitializeAsync();
        var receipt = await city.PushAsync(City.Centre, city.Header(City.Centre, "title", "content"), Own("meanwhile", Text("noise"), Text("story")));
        name = $"resources/complaint/records/{receipt.Results[0].RecordId}";
        await GrantAsync("lasting", City.Archive);
        await GrantAsync("short", City.Grid);
    }

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task A_record_is_shown_as_the_plan_at_its_end_lets_it_be()
    {
        Assert.Equal(["title", "content"], await ReadAsync(City.Grid));

        trail.Meanwhile = () => city.HappenAsync(new GovernanceEvent.GrantRevoked(new GrantId("short"), "a test", DateTimeOffset.UtcNow));

        Assert.Equal(["title"], await ReadAsync(City.Grid));
        Assert.Equal(
            ["ABORTED PLAN_CHANGED", "OK "],
            (await OutcomesAsync()).TakeLast(2));
    }

    [Fact]
    public async Task A_history_is_shown_as_the_plan_at_its_end_lets_it_be()
    {
        trail.Meanwhile = () => city.HappenAsync(new GovernanceEvent.GrantRevoked(new GrantId("short"), "a test", DateTimeOffset.UtcNow));

        var history = await city.RecordsOf(City.Grid).GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = name, Purpose = Purpose.Regulation });

        Assert.Equal(["title"], history.Entries.Select(entry => entry.Field));
    }

    [Fact]
    public async Task A_field_that_may_no_longer_be_read_at_all_is_denied()
    {
        await city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(City.Traffic, City.Grid, "grid-short", "grid_note")));
        trail.Meanwhile = () => city.HappenAsync(new GovernanceEvent.GrantRevoked(new GrantId("grid-short"), "a test", DateTimeOffset.UtcNow));

        Assert.Equal((StatusCode.PermissionDenied, "READ_DENIED"), await TestStatus.RefusalOf(() => ReadAsync(City.Traffic, "grid_note")));
        Assert.Equal("PERMISSION_DENIED READ_DENIED", (await OutcomesAsync())[^1]);
    }

    [Fact]
    public async Task A_change_of_governance_that_changes_nothing_of_it_makes_no_second_read()
    {
        var before = (await OutcomesAsync()).Count;
        trail.Meanwhile = () => city.HappenAsync(new GovernanceEvent.GrantRevoked(new GrantId("short"), "a test", DateTimeOffset.UtcNow));

        Assert.Equal(["title", "content"], await ReadAsync(City.Archive));
        Assert.Equal(before + 1, (await OutcomesAsync()).Count);
    }

    [Fact]
    public async Task A_plan_that_never_stands_still_ends_the_read()
    {
        var number = 0;
        trail.Always = () => ++number % 2 is 0
            ? city.HappenAsync(new GovernanceEvent.GrantRevoked(new GrantId($"again-{number - 1}"), "a test", DateTimeOffset.UtcNow))
            : GrantAsync($"again-{number}", City.Traffic);

        Assert.Equal((StatusCode.Unavailable, "PLAN_CHANGED"), await TestStatus.RefusalOf(() => ReadAsync(City.Traffic)));
        Assert.Equal(5, number);
    }

    private Task GrantAsync(string id, Caller reader) => city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(reader, City.Centre, id, "content")));

    private async Task<List<string>> ReadAsync(Caller caller, params string[] fields)
    {
        var request = new GetRecordRequest { Name = name, Purpose = Purpose.Regulation, Fields = { fields } };
        return [.. (await city.RecordsOf(caller).GetRecordAsync(request)).Values.Select(value => value.Field)];
    }

    private async Task<List<string>> OutcomesAsync()
    {
        List<string> outcomes = [];
        await using var command = city.Database.CreateCommand("SELECT payload FROM log.event WHERE type = 'read-completed' ORDER BY recorded_at, position");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var completed = Protos.Stored.V1.ReadCompleted.Parser.ParseFrom(reader.GetFieldValue<byte[]>(0));
            outcomes.Add($"{completed.Status} {completed.Reason}");
        }

        return outcomes;
    }

    /// <summary>The trail, and what happens while a read waits for it.</summary>
    private sealed class SlowTrail : IReadAudit
    {
        private IReadAudit? written;

        public Func<Task>? Meanwhile { get; set; }

        public Func<Task>? Always { get; set; }

        public SlowTrail Before(IReadAudit trail)
        {
            written = trail;
            return this;
        }

        public async Task<Exchange.Catalog.Result<ReadAuditScope>> BeginAsync(ReadIntent intent, CancellationToken cancellationToken)
        {
            var scope = await written!.BeginAsync(intent, cancellationToken);
            var once = Meanwhile;
            Meanwhile = null;
            await (once?.Invoke() ?? Always?.Invoke() ?? Task.CompletedTask);
            return scope;
        }

        public Task RefusedAsync(ReadIntent intent, Exchange.Catalog.RefusalReason reason, CancellationToken cancellationToken) =>
            written!.RefusedAsync(intent, reason, cancellationToken);
    }
}
