using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Google.Rpc;
using Grpc.Core;
using static Exchange.Server.Tests.Governance.GovernanceHub;
using static Exchange.Server.Tests.Policies.Rows;

namespace Exchange.Server.Tests.Policies;

public sealed class PolicyRowsTests(GovernanceHub hub) : IClassFixture<GovernanceHub>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await hub.PublishAsync(Resource(
        "reports",
        Field("title", 1),
        Field("content", 2, sharing: SharingClass.Conditional),
        Field("secret", 3, sharing: SharingClass.NotShared)));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_row_that_is_set_decides_stands_in_the_list_and_is_removed()
    {
        var before = await PlanAsync("content");
        var set = await SetAsync(Permit("content-for-roads"));
        var permitted = await PlanAsync("content");
        var listed = await ListAsync(hub.HotlineSteward);
        var removed = await PoliciesOf(hub.It.Operator).RemovePolicyRowAsync(new RemovePolicyRowRequest { Name = set.Name, Reason = "the trial is over" });

        Assert.NotNull(set.CreateTime);
        Assert.Equal(Permit("content-for-roads"), set.With(row => row.CreateTime = null));
        Assert.Contains(set, listed);
        Assert.Contains(permitted.Rules, rule => rule.Allow && rule.Rules.Contains("content-for-roads"));
        Assert.Equal(set, removed);
        Assert.Equal(before, await PlanAsync("content"));
        Assert.DoesNotContain(set, await ListAsync(hub.HotlineSteward));
    }

    [Fact]
    public async Task The_hub_s_own_rows_are_listed_and_nobody_sets_or_removes_them()
    {
        var own = (await ListAsync(hub.It.Operator)).Where(row => row.Name.StartsWith("policyRows/base/", StringComparison.Ordinal)).ToList();
        var not = own.Single(row => row.Name is "policyRows/base/not-shared");

        Assert.Equal((PolicyEffect.Deny, ""), (not.Effect, not.Department));
        Assert.All(own, row => Assert.NotEqual("", row.Reason));
        Assert.All(own, row => Assert.Null(row.CreateTime));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => SetAsync(not)));
        Assert.Equal((StatusCode.NotFound, "POLICY_ROW_NOT_FOUND"), await TestStatus.RefusalOf(() => RemoveAsync("base/not-shared", hub.It.Operator)));
    }

    [Fact]
    public async Task Every_bad_part_of_a_row_comes_in_one_answer_with_what_would_be_right()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => SetAsync(new PolicyRow
        {
            Name = "policyRows/No Id",
            Subject = "departments/nobody",
            Object = "resources/reports/fields/nothing",
            Actions = { PolicyAction.Read, PolicyAction.Unspecified },
            Condition = "r.caller.name ==",
        }));

        var violations = exception.Detail<BadRequest>()!.FieldViolations;
        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
        Assert.Equal(
            ["actions[1]", "condition", "effect", "name", "object", "reason", "subject"],
            violations.Select(violation => violation.Field["policy_row.".Length..]).Order(StringComparer.Ordinal));
        Assert.Contains("1 to 500", violations.Single(violation => violation.Field is "policy_row.reason").Description);
        Assert.Contains("2 to 60", violations.Single(violation => violation.Field is "policy_row.name").Description);
    }

    [Fact]
    public async Task A_row_filter_that_cannot_be_read_is_refused_with_its_place()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => SetAsync(Permit("filtered").With(row => row.RowFilter = "title = ")));

        var violation = Assert.Single(exception.Detail<BadRequest>()!.FieldViolations);
        Assert.Equal("policy_row.row_filter", violation.Field);
        Assert.Contains("character", violation.Description);
    }

    [Fact]
    public async Task Stewards_answer_for_their_own_department_s_rows_and_only_the_operator_for_all()
    {
        var own = Permit("own-content").With(row => row.Department = "departments/hotline");
        await SetAsync(own, hub.HotlineSteward);

        Assert.Equal((StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"), await TestStatus.RefusalOf(() => SetAsync(own, hub.RoadSteward)));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => SetAsync(Permit("for-all"), hub.HotlineSteward)));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => SetAsync(own, hub.Hotline)));
        Assert.Equal((StatusCode.AlreadyExists, "POLICY_ROW_TAKEN"), await TestStatus.RefusalOf(() => SetAsync(Permit("own-content"))));
        Assert.Equal((StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"), await TestStatus.RefusalOf(() => RemoveAsync("own-content", hub.RoadSteward)));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => RemoveAsync("own-content", hub.Hotline)));
        Assert.Equal("policyRows/own-content", (await RemoveAsync("own-content", hub.HotlineSteward)).Name);
    }

    [Fact]
    public async Task A_steward_is_told_to_name_its_department_instead_of_setting_a_row_for_all()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => SetAsync(Permit("for-everybody"), hub.HotlineSteward));

        Assert.Contains("departments/hotline", exception.Status.Detail);
    }

    [Fact]
    public async Task A_removal_says_why_and_what_is_not_there_is_not_removed()
    {
        await SetAsync(Permit("to-be-removed"));

        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => RemoveAsync("to-be-removed", hub.It.Operator, reason: "")));
        Assert.Equal((StatusCode.NotFound, "POLICY_ROW_NOT_FOUND"), await TestStatus.RefusalOf(() => RemoveAsync("never-was", hub.It.Operator)));
        Assert.Equal(
            (StatusCode.InvalidArgument, "BAD_REQUEST"),
            await TestStatus.RefusalOf(async () => await PoliciesOf(hub.It.Operator).RemovePolicyRowAsync(new RemovePolicyRowRequest { Name = "to-be-removed", Reason = "why not" })));
        await RemoveAsync("to-be-removed", hub.It.Operator);
    }

    [Fact]
    public async Task The_history_tells_who_set_and_removed_a_row_and_why()
    {
        var first = await SetAsync(Permit("in-history").With(row => row.Department = "departments/hotline"), hub.HotlineSteward);
        var same = await SetAsync(Permit("in-history").With(row => row.Department = "departments/hotline"), hub.HotlineSteward);
        var second = await SetAsync(first.With(row => row.Reason = "they asked again"), hub.HotlineSteward);
        await RemoveAsync("in-history", hub.It.Operator, reason: "too wide");

        var changes = (await ChangesAsync(new ListPolicyChangesRequest { PolicyRow = "policyRows/in-history" })).Changes;
        var all = (await ChangesAsync(new ListPolicyChangesRequest { PageSize = 500 })).Changes;

        Assert.Equal(first, same);
        Assert.Equal(
            ["Set hotline-steward for the test", "Set hotline-steward they asked again", $"Removed {hub.It.Operator.Id} too wide"],
            changes.Select(change => $"{change.Kind} {change.Client} {change.Reason}"));
        Assert.Equal([first, second, second], changes.Select(change => change.Row));
        Assert.Equal("departments/hotline", changes[0].Department);
        Assert.True(changes[0].Position < changes[1].Position && changes[1].Position < changes[2].Position);
        Assert.All(changes, change => Assert.Contains(change, all));
        Assert.Equal(all.OrderBy(change => change.Position), all);
    }

    [Fact]
    public async Task A_history_comes_in_pages_and_only_of_rows_that_were()
    {
        await SetAsync(Permit("paged"));
        await RemoveAsync("paged", hub.It.Operator);

        var first = await ChangesAsync(new ListPolicyChangesRequest { PolicyRow = "policyRows/paged", PageSize = 1 });
        var second = await ChangesAsync(new ListPolicyChangesRequest { PolicyRow = "policyRows/paged", PageSize = 1, PageToken = first.NextPageToken });

        Assert.Equal((PolicyChangeKind.Set, PolicyChangeKind.Removed), (Assert.Single(first.Changes).Kind, Assert.Single(second.Changes).Kind));
        Assert.Equal("", second.NextPageToken);
        Assert.Empty((await ChangesAsync(new ListPolicyChangesRequest { PolicyRow = "policyRows/base/not-shared" })).Changes);
        Assert.Equal(
            (StatusCode.NotFound, "POLICY_ROW_NOT_FOUND"), await TestStatus.RefusalOf(() => ChangesAsync(new ListPolicyChangesRequest { PolicyRow = "policyRows/never-was" })));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => ChangesAsync(new ListPolicyChangesRequest { PageSize = -1 })));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => ChangesAsync(new ListPolicyChangesRequest { PolicyRow = "paged" })));
    }

    [Fact]
    public async Task Rows_come_in_pages_in_the_order_of_their_names()
    {
        await SetAsync(Permit("page-a"));
        await SetAsync(Permit("page-b"));

        List<string> names = [];
        var token = "";
        do
        {
            var page = await PoliciesOf(hub.It.Operator).ListPolicyRowsAsync(new ListPolicyRowsRequest { PageSize = 3, PageToken = token });
            Assert.InRange(page.Rows.Count, 1, 3);
            names.AddRange(page.Rows.Select(row => row.Name));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(names.Order(StringComparer.Ordinal).Distinct(), names);
        Assert.Contains("policyRows/page-a", names);
        Assert.Contains("policyRows/base/not-shared", names);
    }

    [Fact]
    public async Task Machines_do_not_look_at_rows_and_their_history()
    {
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => ListAsync(hub.Roads)));
        Assert.Equal(
            (StatusCode.PermissionDenied, "ROLE_REQUIRED"),
            await TestStatus.RefusalOf(async () => await PoliciesOf(hub.Roads).ListPolicyChangesAsync(new ListPolicyChangesRequest())));
        var auditor = await hub.It.RegisterAsync("roads", $"auditor-{Guid.NewGuid():N}"[..20], Role.Auditor);
        Assert.NotEmpty(await ListAsync(auditor));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => SetAsync(Permit("by-an-auditor"), auditor)));
    }

    private static PolicyRow Permit(string id) => Row(id, PolicyEffect.Allow, "departments/roads", "resources/reports/fields/content");

    private Task<PolicyRow> SetAsync(PolicyRow row, TestClient? by = null) =>
        PoliciesOf(by ?? hub.It.Operator).SetPolicyRowAsync(new SetPolicyRowRequest { PolicyRow = row }).ResponseAsync;

    private static Task<PolicyRow> RemoveAsync(string id, TestClient by, string reason = "no longer wanted") =>
        PoliciesOf(by).RemovePolicyRowAsync(new RemovePolicyRowRequest { Name = $"policyRows/{id}", Reason = reason }).ResponseAsync;

    private static async Task<IReadOnlyList<PolicyRow>> ListAsync(TestClient by) =>
        (await PoliciesOf(by).ListPolicyRowsAsync(new ListPolicyRowsRequest { PageSize = 500 })).Rows;

    private Task<ListPolicyChangesResponse> ChangesAsync(ListPolicyChangesRequest request) =>
        PoliciesOf(hub.It.Operator).ListPolicyChangesAsync(request).ResponseAsync;

    private async Task<FieldPlan> PlanAsync(string field)
    {
        var plan = await AccessOf(hub.Roads).GetAccessPlanAsync(new GetAccessPlanRequest { Resource = "resources/reports", Purpose = Purpose.GovService });
        return plan.Fields.Single(candidate => candidate.Field == field);
    }
}
