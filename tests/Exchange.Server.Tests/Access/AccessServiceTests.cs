using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using static Exchange.Server.Tests.Governance.GovernanceHub;

namespace Exchange.Server.Tests.Access;

public sealed class AccessServiceTests(GovernanceHub hub) : IClassFixture<GovernanceHub>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await hub.PublishAsync(Resource(
        "cases",
        Field("title", 1),
        Field("content", 2, sharing: SharingClass.Conditional),
        Field("phone", 3, sharing: SharingClass.Conditional),
        Field("secret", 4, sharing: SharingClass.NotShared)));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_grant_is_issued_listed_and_revoked()
    {
        var issued = await CreateAsync(Grant("content"));
        var revoked = await AccessOf(hub.HotlineSteward).RevokeGrantAsync(new RevokeGrantRequest { Name = issued.Name, Reason = "a test" });
        var again = await AccessOf(hub.HotlineSteward).RevokeGrantAsync(new RevokeGrantRequest { Name = issued.Name, Reason = "a test" });

        Assert.StartsWith("departments/hotline/grants/", issued.Name, StringComparison.Ordinal);
        Assert.Null(issued.RevokeTime);
        Assert.NotNull(revoked.RevokeTime);
        Assert.Equal(revoked, again);
        Assert.Contains(revoked, (await AccessOf(hub.Hotline).ListGrantsAsync(new ListGrantsRequest { Parent = "departments/hotline", PageSize = 500 })).Grants);
    }

    [Fact]
    public async Task The_same_request_id_again_returns_the_first_grant_and_other_content_is_refused()
    {
        var request = Guid.NewGuid().ToString();
        var grant = Grant("content");

        var first = await CreateAsync(grant, request);

        Assert.Equal(first, await CreateAsync(grant, request));
        Assert.Equal((StatusCode.FailedPrecondition, "IDEMPOTENCY_KEY_REUSED"), await TestStatus.RefusalOf(() => CreateAsync(Grant("phone"), request)));
        Assert.NotEqual(first.Name, (await CreateAsync(grant, Guid.NewGuid().ToString())).Name);
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => CreateAsync(grant, "not a uuid")));
    }

    [Fact]
    public async Task Every_bad_part_of_a_grant_comes_in_one_answer()
    {
        var grant = Grant("title", "secret", "nothing");
        grant.ExpireTime = new Timestamp { Seconds = long.MaxValue };
        grant.RowFilter = "title = ";
        grant.Agreement = "departments/roads/agreements/reading";
        grant.Quota = new Quota { CallsPerMinute = -1 };

        var exception = await Assert.ThrowsAsync<RpcException>(() => CreateAsync(grant));

        Assert.Equal(
            [
                "grant.fields[0] NOT_CONDITIONAL", "grant.fields[1] NOT_CONDITIONAL", "grant.fields[2] UNKNOWN_FIELD", "grant.expire_time OUT_OF_RANGE",
                "grant.quota.calls_per_minute OUT_OF_RANGE", "grant.row_filter SYNTAX", "grant.agreement AGREEMENT_NOT_FOUND",
            ],
            exception.Detail<BadRequest>()!.FieldViolations.Select(violation => $"{violation.Field} {violation.Reason}"));
    }

    [Fact]
    public async Task Only_the_owner_s_steward_and_the_operator_give_grants()
    {
        Assert.Equal((StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"), await TestStatus.RefusalOf(() => CreateAsync(Grant("content"), by: hub.RoadSteward)));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => CreateAsync(Grant("content"), by: hub.Hotline)));
        Assert.NotNull(await CreateAsync(Grant("content"), by: hub.It.Operator));
    }

    [Fact]
    public async Task Another_department_does_not_see_the_grants_a_department_gave() =>
        Assert.Equal(
            (StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"),
            await TestStatus.RefusalOf(async () => await AccessOf(hub.Roads).ListGrantsAsync(new ListGrantsRequest { Parent = "departments/hotline" })));

    [Fact]
    public async Task An_access_plan_changes_with_the_grant_it_rests_on()
    {
        var before = await PlanAsync("phone");
        var grant = await CreateAsync(Grant("phone"));
        var offered = await PlanAsync("phone");
        await AcceptAsync(hub.RoadSteward, grant);
        var granted = await PlanAsync("phone");
        await AccessOf(hub.HotlineSteward).RevokeGrantAsync(new RevokeGrantRequest { Name = grant.Name, Reason = "a test" });
        var after = await PlanAsync("phone");

        Assert.DoesNotContain(before.Rules, rule => rule.Allow && rule.Condition.Contains("hotline", StringComparison.Ordinal));
        Assert.Contains(granted.Rules, rule => rule.Allow && rule.Condition.Contains("hotline", StringComparison.Ordinal));
        Assert.Equal(before, offered);
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task A_plan_needs_a_resource_and_a_purpose()
    {
        Task Plan(string resource, Purpose purpose) =>
            AccessOf(hub.Roads).GetAccessPlanAsync(new GetAccessPlanRequest { Resource = resource, Purpose = purpose }).ResponseAsync;

        Assert.Equal((StatusCode.NotFound, "RESOURCE_NOT_FOUND"), await TestStatus.RefusalOf(() => Plan("resources/nothing", Purpose.Analysis)));
        Assert.Equal((StatusCode.InvalidArgument, "PURPOSE_REQUIRED"), await TestStatus.RefusalOf(() => Plan("resources/cases", Purpose.Unspecified)));
    }

    [Fact]
    public async Task Whoever_looks_at_its_plan_stands_in_the_audit_trail()
    {
        var reader = await hub.It.RegisterAsync("roads", "road-plan-reader");
        Task Plan(Purpose purpose) =>
            AccessOf(reader).GetAccessPlanAsync(new GetAccessPlanRequest { Resource = "resources/cases", Purpose = purpose }).ResponseAsync;
        await Plan(Purpose.Analysis);
        await TestStatus.RefusalOf(() => Plan(Purpose.Unspecified));

        var trail = await new AuditService.AuditServiceClient(hub.It.Operator.Invoker).ListAuditEntriesAsync(new ListAuditEntriesRequest { PageSize = 500 });

        Assert.Equivalent(
            new[] { "plan resources/cases OK ", "refused resources/cases INVALID_ARGUMENT PURPOSE_REQUIRED" },
            trail.Entries.Where(entry => entry.Client == "road-plan-reader").Select(entry => $"{entry.Action} {entry.Resource} {entry.Outcome} {entry.Reason}"),
            strict: true);
    }

    private static Grant Grant(params string[] fields) => new()
    {
        Reader = "departments/roads",
        Resource = "resources/cases",
        Fields = { fields },
        Purposes = { Purpose.GovService },
        Agreement = "departments/hotline/agreements/reading",
        ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(30)),
    };

    private Task<Grant> CreateAsync(Grant grant, string request = "", TestClient? by = null) =>
        AccessOf(by ?? hub.HotlineSteward).CreateGrantAsync(new CreateGrantRequest { Parent = "departments/hotline", Grant = grant, RequestId = request }).ResponseAsync;

    private async Task<FieldPlan> PlanAsync(string field)
    {
        var plan = await AccessOf(hub.Roads).GetAccessPlanAsync(new GetAccessPlanRequest { Resource = "resources/cases", Purpose = Purpose.GovService });
        return plan.Fields.Single(candidate => candidate.Field == field);
    }
}
