using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Exchange.Server.Tests.Records;
using Grpc.Core;
using Caller = Exchange.Catalog.Caller;
using static Exchange.Server.Tests.Policies.Rows;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Policies;

public sealed class SimulateReadsTests : IAsyncLifetime
{
    private readonly CityHub city = new();
    private string record = "";

    public async ValueTask InitializeAsync()
    {
        await city.InitializeAsync();
        var receipt = await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("one", Text("read")));
        record = $"resources/complaint/records/{receipt.Results[0].RecordId}";
        await city.PushAsync(City.Grid, city.Header(City.Grid, "place"), ById(record[^36..], new Value { Point = new Point { Latitude = 24.5, Longitude = 118.1 } }));
    }

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task Reads_of_the_last_days_that_the_change_would_have_answered_otherwise_are_told_in_groups()
    {
        await GetAsync(City.Archive, "title", "place");
        await GetAsync(City.Archive, "title", "place");
        await GetAsync(City.Archive, "place");
        await GetAsync(City.Traffic, "title");
        var row = Row("no-titles", PolicyEffect.Deny, "departments/archive", "resources/complaint/fields/title");

        var simulated = await SimulateAsync(city.Hub.Operator, row);
        var elsewhere = await SimulateAsync(city.Hub.Operator, row.With(r => r.Subject = "departments/housing"));

        var change = Assert.Single(simulated.ReadChanges);
        Assert.Equal(
            ("departments/archive", "resources/complaint", "get", Purpose.Regulation, "title,place", 2, "title", false),
            (change.Department, change.Resource, change.Action, change.Purpose, string.Join(',', change.Fields), change.ReadCount, Assert.Single(change.LostFields), change.Refused));
        Assert.True(change.FirstTime < change.LastTime);
        Assert.Equal((1, 3, false), (simulated.ReadChangeCount, simulated.ReadsConsidered, simulated.ReadsTruncated));
        Assert.True(simulated.ReadsStartTime.ToDateTimeOffset() < DateTimeOffset.UtcNow.AddDays(-6));
        Assert.Equal((0, 0), (elsewhere.ReadChanges.Count, elsewhere.ReadsConsidered));
    }

    [Fact]
    public async Task A_read_that_was_refused_and_would_be_answered_is_told()
    {
        Assert.Equal("READ_DENIED", (await TestStatus.RefusalOf(() => GetAsync(City.Archive, "grid_note"))).Reason);
        await TestStatus.RefusalOf(() => GetAsync(City.Archive, "no_field"));

        var simulated = await SimulateAsync(city.Hub.Operator, Row("notes", PolicyEffect.Allow, "departments/archive", "resources/complaint/fields/grid_note"));

        var change = Assert.Single(simulated.ReadChanges);
        Assert.Equal((true, "grid_note", "grid_note", 1), (change.Refused, Assert.Single(change.Fields), Assert.Single(change.GainedFields), change.ReadCount));
    }

    [Fact]
    public async Task What_was_told_is_how_the_same_read_is_answered_once_the_row_stands()
    {
        await GetAsync(City.Archive, "title", "place");
        var row = Row("no-places", PolicyEffect.Deny, "departments/archive", "resources/complaint/fields/place").With(r => r.Department = "departments/centre");

        var simulated = await SimulateAsync(city.Hub.Operator, row);
        await city.Hub.SetRowAsync(row);
        var refused = await TestStatus.RefusalOf(() => GetAsync(City.Archive, "title", "place"));

        Assert.Equal(["place"], Assert.Single(simulated.ReadChanges).LostFields);
        Assert.Equal("READ_DENIED", refused.Reason);
    }

    [Fact]
    public async Task A_steward_is_told_of_other_departments_reads_what_it_may_see_of_them_in_the_trail()
    {
        await GetAsync(City.Archive, "title", "place");
        await GetAsync(City.Traffic, "title");
        await GetAsync(City.Grid, "title");
        var row = Row("nothing", PolicyEffect.Deny, "*", "resources/complaint");
        var grid = await city.Hub.RegisterAsync("grid", "grid-steward", Role.Steward);
        var housing = await city.Hub.RegisterAsync("housing", "housing-steward", Role.Steward);

        var (seen, nothing, whole) = (await SimulateAsync(grid, row), await SimulateAsync(housing, row), await SimulateAsync(city.Hub.Operator, row));

        Assert.Equal(["archive place place True", "grid title title False"], Told(seen));
        Assert.Equal([], Told(nothing));
        Assert.Equal(0, nothing.ReadsConsidered);
        Assert.Equal(["archive title,place title,place False", "grid title title False", "traffic title title False"], Told(whole));
    }

    private static IEnumerable<string> Told(SimulateResponse simulated) => simulated.ReadChanges
        .Select(change => $"{change.Department["departments/".Length..]} {string.Join(',', change.Fields)} {string.Join(',', change.LostFields)} {change.OwnerView}")
        .Order(StringComparer.Ordinal);

    private static async Task<SimulateResponse> SimulateAsync(TestClient caller, PolicyRow row) => await PoliciesOf(caller).SimulateAsync(new SimulateRequest { SetRows = { row } });

    private async Task GetAsync(Caller caller, params string[] fields) =>
        await city.RecordsOf(caller).GetRecordAsync(new GetRecordRequest { Name = record, Purpose = Purpose.Regulation, Fields = { fields } });
}
