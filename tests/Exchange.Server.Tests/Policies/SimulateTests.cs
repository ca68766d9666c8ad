using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Exchange.Server.Tests.Records;
using Google.Rpc;
using Grpc.Core;
using static Exchange.Server.Tests.Policies.Rows;

namespace Exchange.Server.Tests.Policies;

public sealed class SimulateTests(CityHub city) : IClassFixture<CityHub>
{
    [Fact]
    public async Task A_row_that_is_tried_out_tells_whose_answers_change_and_stores_nothing()
    {
        var row = Row("tried-out", PolicyEffect.Allow, "departments/archive", "resources/complaint/fields/grid_note").With(r => r.Mask = new Mask { Kind = MaskKind.Redact });
        var before = await ListAsync();

        var simulated = await SimulateAsync(new SimulateRequest { SetRows = { row } });

        Assert.Equal(2, simulated.ChangeCount);
        Assert.Equal([PolicyAction.Read, PolicyAction.Follow], simulated.Changes.Select(change => change.Action));
        Assert.All(simulated.Changes, change =>
        {
            Assert.Equal(("departments/archive", "resources/complaint", "grid_note", 7), (change.Department, change.Resource, change.Field, change.Purposes.Count));
            Assert.Equal((FieldAnswer.Withheld, FieldAnswer.Masked), (change.Before.Answer, change.After.Answer));
            Assert.Contains(change.After.Rules, rule => rule.Rules.Contains("tried-out"));
        });
        Assert.Equal(14, simulated.PlanCount);
        Assert.Equal(before, await ListAsync());
    }

    [Fact]
    public async Task What_was_simulated_is_what_is_answered_once_it_is_so()
    {
        var row = Row("really-so", PolicyEffect.Allow, "departments/housing", "resources/complaint/fields/phone").With(r =>
        {
            r.Condition = "r.context.purpose == \"EMERGENCY\"";
            r.RowFilter = "status = \"open\"";
        });
        var simulated = await SimulateAsync(new SimulateRequest { SetRows = { row } });

        await city.Hub.SetRowAsync(row);
        var explained = await PoliciesOf(city.Hub.Operator).ExplainAsync(
            new ExplainRequest { Department = "departments/housing", Resource = "resources/complaint", Purpose = Purpose.Emergency });

        var change = Assert.Single(simulated.Changes, change => change.Action is PolicyAction.Read);
        Assert.Equal(Purpose.Emergency, Assert.Single(change.Purposes));
        Assert.Equal(explained.Fields.Single(field => field.Field is "phone"), change.After);
        Assert.NotEqual(change.Before, change.After);
        var removed = await SimulateAsync(new SimulateRequest { RemovedRows = { row.Name }, Purposes = { Purpose.Emergency } });
        Assert.Equal((change.After, change.Before), (removed.Changes[0].Before, removed.Changes[0].After));
    }

    [Fact]
    public async Task A_changed_entry_of_a_sharing_list_is_tried_out_with_the_others_as_they_are()
    {
        var catalog = new CatalogService.CatalogServiceClient(city.Hub.Operator.Invoker);
        var list = await catalog.GetSharingListAsync(new GetSharingListRequest { Name = "departments/grid/sharingLists/complaint" });
        var entry = list.Entries.Single(e => e.Field is "grid_note").With(e => (e.SharingClass, e.OpenBasis) = (SharingClass.Unconditional, GovernanceHub.Because));

        var simulated = await SimulateAsync(new SimulateRequest { SharingLists = { new SharingList { Name = list.Name, Entries = { entry } } }, Purposes = { Purpose.Analysis } });

        Assert.All(simulated.Changes, change => Assert.Equal("grid_note", change.Field));
        Assert.Equal(
            city.State.Departments.Keys.Where(id => id is not "grid").Order(StringComparer.Ordinal),
            simulated.Changes.Select(change => change.Department["departments/".Length..]).Distinct().Order(StringComparer.Ordinal));
        Assert.All(simulated.Changes, change => Assert.Equal((FieldAnswer.Withheld, FieldAnswer.Shown), (change.Before.Answer, change.After.Answer)));
    }

    [Fact]
    public async Task A_change_that_changes_no_answer_says_so()
    {
        var simulated = await SimulateAsync(new SimulateRequest { SetRows = { Row("says-nothing-new", PolicyEffect.Allow, "*", "resources/complaint/fields/title") } });

        Assert.Equal((0, 0), (simulated.ChangeCount, simulated.Changes.Count));
        Assert.True(simulated.PlanCount > 0);
    }

    [Fact]
    public async Task Only_the_named_readers_and_purposes_are_compared()
    {
        var row = Row("for-everybody", PolicyEffect.Deny, "*", "resources/complaint/fields/title");

        var simulated = await SimulateAsync(new SimulateRequest
        {
            SetRows = { row }, Departments = { "departments/archive", "departments/housing" }, Resources = { "resources/complaint" }, Purposes = { Purpose.Analysis, Purpose.Emergency },
        });

        Assert.Equal(8, simulated.PlanCount);
        Assert.Equal(["departments/archive", "departments/housing"], simulated.Changes.Select(change => change.Department).Distinct());
        Assert.All(simulated.Changes, change => Assert.Equal([Purpose.Analysis, Purpose.Emergency], change.Purposes));
        Assert.All(simulated.Changes, change => Assert.Equal("for-everybody", change.After.Rules[0].Rules[0]));
    }

    [Fact]
    public async Task A_row_that_asks_for_the_address_is_tried_out_for_the_one_that_is_named_and_else_named_itself()
    {
        var row = Row("fees-from-the-office", PolicyEffect.Deny, "departments/archive", "resources/complaint/fields/title").With(r => r.Condition = "!ipMatch(r.context.network, '10.1.0.0/16')");
        Task<SimulateResponse> From(string network) => SimulateAsync(new SimulateRequest { SetRows = { row }, Network = network });

        var (nowhere, inside, outside) = (await From(""), await From("::ffff:10.1.0.7"), await From("10.2.0.7"));

        Assert.Equal((0, row.Name), (nowhere.ChangeCount, Assert.Single(nowhere.UnjudgedRows)));
        Assert.Equal((0, 0), (inside.ChangeCount, inside.UnjudgedRows.Count));
        Assert.Equal((2, 0), (outside.ChangeCount, outside.UnjudgedRows.Count));
        Assert.All(outside.Changes, change => Assert.Equal(("title", FieldAnswer.Withheld), (change.Field, change.After.Answer)));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => From("10.1")));
    }

    [Fact]
    public async Task Every_bad_part_of_the_change_comes_in_one_answer_with_its_place()
    {
        var entry = new SharingEntry { Field = "no_field", Level = Level.Public, SharingClass = SharingClass.Conditional, OpenClass = OpenClass.NotOpen };
        var exception = await Assert.ThrowsAsync<RpcException>(() => SimulateAsync(new SimulateRequest
        {
            SetRows = { Row("good", PolicyEffect.Deny, "*", "*"), Row("bad", PolicyEffect.Deny, "departments/nobody", "*") },
            SharingLists = { new SharingList { Name = "departments/grid/sharingLists/complaint", Entries = { entry } } },
            Departments = { "departments/nobody" },
            Resources = { "resources/nothing" },
            Purposes = { (Purpose)77 },
        }));

        Assert.Equal(
            ["departments[0]", "purposes[0]", "resources[0]", "set_rows[1].subject", "sharing_lists[0].entries[0].field"],
            exception.Detail<BadRequest>()!.FieldViolations.Select(violation => violation.Field).Order(StringComparer.Ordinal));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => SimulateAsync(new SimulateRequest())));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => SimulateAsync(new SimulateRequest { RemovedRows = { "no-name" } })));
        Assert.Equal((StatusCode.NotFound, "POLICY_ROW_NOT_FOUND"), await TestStatus.RefusalOf(() => SimulateAsync(new SimulateRequest { RemovedRows = { "policyRows/never-was" } })));
    }

    [Fact]
    public async Task Stewards_and_the_operator_try_changes_out_and_look_for_mistakes_and_nobody_else()
    {
        var steward = await city.Hub.RegisterAsync("centre", "centre-planner", Role.Steward);
        var auditor = await city.Hub.RegisterAsync("centre", "centre-watcher", Role.Auditor);
        var request = new SimulateRequest { SetRows = { Row("by-role", PolicyEffect.Deny, "departments/grid", "resources/complaint/fields/fee") } };

        Assert.NotEqual(0, (await PoliciesOf(steward).SimulateAsync(request)).ChangeCount);
        Assert.NotEqual(0, (await PoliciesOf(steward).LintAsync(new LintRequest())).Revision);
        foreach (var refused in new[] { auditor, city.ClientOf(City.Centre) })
        {
            Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(async () => await PoliciesOf(refused).SimulateAsync(request)));
            Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(async () => await PoliciesOf(refused).LintAsync(new LintRequest())));
        }
    }

    [Fact]
    public async Task What_is_probably_a_mistake_is_found_with_its_row_and_the_next_step()
    {
        await city.Hub.SetRowAsync(Row("phones-for-all", PolicyEffect.Allow, "*", "resources/complaint/fields/phone").With(row => row.Mask = new Mask { Kind = MaskKind.None }));

        var lint = await PoliciesOf(city.Hub.Operator).LintAsync(new LintRequest());

        var finding = lint.Findings.Single(finding => finding.Kind is PolicyFindingKind.PermitToEveryone && finding.Names.Contains("policyRows/phones-for-all"));
        Assert.Contains("phone", finding.Message);
        Assert.NotEqual("", finding.NextStep);
        await city.Hub.RemoveRowAsync("phones-for-all");
    }

    private Task<SimulateResponse> SimulateAsync(SimulateRequest request) => PoliciesOf(city.Hub.Operator).SimulateAsync(request).ResponseAsync;

    private async Task<IReadOnlyList<PolicyRow>> ListAsync() => (await PoliciesOf(city.Hub.Operator).ListPolicyRowsAsync(new ListPolicyRowsRequest { PageSize = 500 })).Rows;
}
