using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Exchange.Server.Tests.Records;
using static Exchange.Server.Tests.Policies.Rows;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Policies;

/// <summary>Rows on writing and proposing, through a real channel.</summary>
public sealed class PushRowsTests(CityHub city) : IClassFixture<CityHub>
{
    [Fact]
    public async Task A_field_that_a_row_forbids_is_rejected_until_the_row_is_removed()
    {
        await SetAsync(Forbid("no-calls", "departments/centre", "resources/complaint/fields/calls"));
        var header = city.Header(City.Centre, "title", "calls");
        var rejected = (await city.PushAsync(City.Centre, header, Own("one-field", Text("a"), Number(1)), Own("another", Text("a"), NotSent))).Results;
        var again = (await city.PushAsync(City.Centre, header, Own("one-field", Text("a"), Number(1)), Own("another", Text("a"), NotSent))).Results;
        await RemoveAsync("no-calls");
        var repeated = (await city.PushAsync(City.Centre, header, Own("one-field", Text("a"), Number(1)), Own("another", Text("a"), NotSent))).Results;
        var lifted = (await city.PushAsync(City.Centre, city.Header(City.Centre, "title", "calls"), Own("one-field", Text("a"), Number(1)))).Results;

        var error = Assert.Single(rejected[0].Errors);
        Assert.Equal((RecordOutcome.Rejected, "calls", "FORBIDDEN_BY_POLICY"), (rejected[0].Outcome, error.Field, error.Reason));
        Assert.Equal("policy row `no-calls` forbids to push this field: ask whoever runs the hub", error.Message);
        Assert.Equal(RecordOutcome.Accepted, rejected[1].Outcome);
        Assert.Equal(rejected, again);
        Assert.Equal(rejected, repeated);
        Assert.Equal(RecordOutcome.Accepted, lifted[0].Outcome);
    }

    [Fact]
    public async Task A_row_filter_is_asked_of_the_record_before_and_after_also_by_fields_that_are_not_pushed()
    {
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title", "calls"), Own("many", Text("a"), Number(90)), Own("few", Text("a"), Number(1)));
        await SetAsync(Forbid("many-calls", "*", "resources/complaint").With(row => row.RowFilter = "calls > 80"));
        var titles = (await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("many", Text("b")), Own("few", Text("b")))).Results;
        var calls = (await city.PushAsync(
            City.Centre, city.Header(City.Centre, "calls"), Own("many", Number(2)), Own("few", Number(91)), Own("few", Number(3)), Own("many", Number(90)))).Results;
        var opened = (await city.PushAsync(City.Centre, city.Header(City.Centre, "title", "calls"), Own("opened-many", Text("a"), Number(95)), Own("opened-few", Text("a"), Number(4)))).Results;
        await RemoveAsync("many-calls");

        Assert.Equal([RecordOutcome.Rejected, RecordOutcome.Accepted], titles.Select(result => result.Outcome));
        Assert.Equal([RecordOutcome.Rejected, RecordOutcome.Rejected, RecordOutcome.Accepted, RecordOutcome.Unchanged], calls.Select(result => result.Outcome));
        Assert.Equal([RecordOutcome.Rejected, RecordOutcome.Accepted], opened.Select(result => result.Outcome));
        Assert.Equal(["title", "calls"], opened[0].Errors.Select(error => error.Field));
        Assert.Equal("a", await city.ScalarAsync<string>("SELECT title FROM subject.complaint WHERE source_id = 'many'"));
        Assert.Equal(0L, await city.ScalarAsync<long>("SELECT count(*) FROM subject.complaint WHERE source_id = 'opened-many'"));
    }

    [Fact]
    public async Task A_row_of_the_keeper_s_steward_binds_one_department_and_not_the_other()
    {
        var steward = await city.Hub.RegisterAsync("centre", "centre-row-steward", Role.Steward);
        var opened = (await city.PushAsync(
            City.Centre, city.Header(City.Centre, "title", "responsible"), Own("of-housing", Text("a"), Code("housing")), Own("of-traffic", Text("a"), Code("traffic")))).Results;
        await SetAsync(Forbid("housing-rests", "departments/housing", "resources/complaint/fields/result").With(row => row.Department = "departments/centre"), steward);
        var housing = (await city.PushAsync(City.Housing, city.Header(City.Housing, "result"), ById(opened[0].RecordId, Text("done")))).Results[0];
        var traffic = (await city.PushAsync(City.Traffic, city.Header(City.Traffic, "result"), ById(opened[1].RecordId, Text("done")))).Results[0];
        await RemoveAsync("housing-rests");

        Assert.Equal((RecordOutcome.Rejected, RecordOutcome.Accepted), (housing.Outcome, traffic.Outcome));
        Assert.Equal("policy row `housing-rests` forbids to push this field: ask `centre`, which set it", Assert.Single(housing.Errors).Message);
    }

    [Fact]
    public async Task Proposals_and_writes_are_forbidden_each_by_their_own_rows()
    {
        var id = (await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("proposed", Text("a")))).Results[0].RecordId;
        await SetAsync(Forbid("no-proposals", "departments/housing", "resources/complaint").With(row => (row.Actions[0], row.RowFilter) = (PolicyAction.Propose, "title = \"z\"")));
        var header = city.Header(City.Housing, "title");
        header.UnownedFields = UnownedFields.Propose;
        var results = (await city.PushAsync(City.Housing, header, ById(id, Text("z")), ById(id, Text("b")))).Results;
        var written = (await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("proposed", Text("z")))).Results[0];
        await RemoveAsync("no-proposals");

        Assert.Equal([RecordOutcome.Rejected, RecordOutcome.Proposed], results.Select(result => result.Outcome));
        Assert.Equal("FORBIDDEN_BY_POLICY", Assert.Single(results[0].Errors).Reason);
        Assert.Equal(RecordOutcome.Accepted, written.Outcome);
    }

    [Fact]
    public async Task A_row_by_purpose_counts_for_the_purpose_in_the_header()
    {
        await SetAsync(Forbid("emergencies-only", "departments/grid", "*").With(row => row.Condition = "r.context.purpose != 'EMERGENCY'"));
        var (emergency, other) = (city.Header(City.Grid, "title"), city.Header(City.Grid, "title"));
        emergency.Purpose = Purpose.Emergency;
        var results = new[]
        {
            (await city.PushAsync(City.Grid, emergency, Own("burning", Text("a")))).Results[0].Outcome,
            (await city.PushAsync(City.Grid, other, Own("not-burning", Text("a")))).Results[0].Outcome,
        };
        await RemoveAsync("emergencies-only");

        Assert.Equal([RecordOutcome.Accepted, RecordOutcome.Rejected], results);
    }

    [Fact]
    public async Task Writing_and_proposing_are_explained_and_tried_out()
    {
        var row = Forbid("explained-forbid", "departments/housing", "resources/complaint/fields/result").With(row => row.RowFilter = "calls > 80");
        await SetAsync(row);
        var explained = (await ExplainAsync(PolicyAction.Write)).Fields.ToDictionary(field => field.Field);
        var proposing = (await ExplainAsync(PolicyAction.Propose)).Fields.ToDictionary(field => field.Field);
        await RemoveAsync("explained-forbid");
        var simulated = await PoliciesOf(city.Hub.Operator).SimulateAsync(new SimulateRequest { SetRows = { row }, Purposes = { Purpose.Regulation } });

        Assert.Equal(FieldAnswer.ByRecord, explained["result"].Answer);
        Assert.Equal(["FORBIDDEN", "OWNER", "NOT_OWNER"], explained["result"].Rules.Select(rule => rule.Reason));
        Assert.Equal(("calls > 80", "explained-forbid"), (explained["result"].Rules[0].Condition, explained["result"].Rules[0].Rules[0]));
        Assert.Contains("propose the value", explained["result"].NextStep);
        Assert.Equal((FieldAnswer.Withheld, FieldAnswer.Shown), (explained["place"].Answer, proposing["place"].Answer));
        Assert.Equal("`place` is written by `grid`: propose the value instead", explained["place"].NextStep);
        Assert.StartsWith("you may set `confidential`; only ", explained["confidential"].NextStep);
        Assert.Equal(FieldAnswer.ByRecord, proposing["result"].Answer);
        var change = Assert.Single(simulated.Changes);
        Assert.Equal(("departments/housing", "result", PolicyAction.Write), (change.Department, change.Field, change.Action));
    }

    [Theory]
    [InlineData(PolicyAction.Match)]
    [InlineData(PolicyAction.Export)]
    public async Task Matching_and_exporting_are_decided_as_reading_is_and_told_to_have_no_operation_yet(PolicyAction action)
    {
        var id = $"on-{action}".ToLowerInvariant();
        var before = await ExplainAsync(PolicyAction.Read);
        var same = await ExplainAsync(action);
        await SetAsync(Forbid(id, "departments/housing", "resources/complaint/fields/title").With(row => row.Actions[0] = action));
        var forbidden = (await ExplainAsync(action)).Fields.Single(field => field.Field is "title");
        var read = (await ExplainAsync(PolicyAction.Read)).Fields;
        var findings = (await PoliciesOf(city.Hub.Operator).LintAsync(new LintRequest())).Findings.Where(finding => finding.Names.Contains($"policyRows/{id}")).ToList();
        await RemoveAsync(id);

        Assert.Equal(before.Fields, same.Fields);
        Assert.Equal(FieldAnswer.Withheld, forbidden.Answer);
        Assert.Equal(before.Fields, read);
        Assert.Equal(PolicyFindingKind.NotAsked, Assert.Single(findings).Kind);
    }

    private static PolicyRow Forbid(string id, string subject, string what) =>
        Row(id, PolicyEffect.Deny, subject, what).With(row =>
        {
            row.Actions.Clear();
            row.Actions.Add(PolicyAction.Write);
        });

    private static Value Number(long value) => new() { Integer = value };

    private Task<ExplainResponse> ExplainAsync(PolicyAction action) => PoliciesOf(city.ClientOf(City.Housing)).ExplainAsync(new ExplainRequest
    {
        Department = "departments/housing", Resource = "resources/complaint", Purpose = Purpose.GovService, Action = action,
    }).ResponseAsync;

    private Task<PolicyRow> SetAsync(PolicyRow row, TestClient? by = null) =>
        by is null ? city.Hub.SetRowAsync(row) : PoliciesOf(by).SetPolicyRowAsync(new SetPolicyRowRequest { PolicyRow = row }).ResponseAsync;

    private Task RemoveAsync(string id) => city.Hub.RemoveRowAsync(id);
}
