using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Google.Rpc;
using Grpc.Core;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;
using static Exchange.Server.Tests.Governance.GovernanceHub;
using static Exchange.Server.Tests.Policies.Rows;

namespace Exchange.Server.Tests.Policies;

/// <summary>Rows on administering, through a real channel.</summary>
public sealed class AdministerRowsTests(GovernanceHub hub) : IClassFixture<GovernanceHub>, IAsyncLifetime
{
    private static readonly (StatusCode, string?) Forbidden = (StatusCode.PermissionDenied, "FORBIDDEN_BY_POLICY");

    public async ValueTask InitializeAsync() => await hub.PublishAsync(Resource("frozen", Field("title", 1), Field("content", 2, sharing: SharingClass.Conditional)));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Everything_a_steward_administers_is_refused_while_a_row_forbids_it()
    {
        await hub.PublishAsync(Resource("growing", Field("title", 1)));
        var grant = await AccessOf(hub.HotlineSteward).CreateGrantAsync(Grant());
        await SetAsync(Frost("frost"));
        Func<Task>[] commands =
        [
            () => SubmitAsync(Resource("growing", Field("title", 1), Field("by_operator", 2), Field("more", 3))),
            () => SubmitAsync(Resource("new", Field("title", 1))),
            async () => await DraftsOf(hub.HotlineSteward).RequestResourceRevocationAsync(new RequestResourceRevocationRequest { Name = "resources/growing", Reason = "a test" }),
            async () => await CatalogOf(hub.HotlineSteward).UpdateSharingListAsync(new UpdateSharingListRequest { SharingList = Sharing() }),
            async () => await AccessOf(hub.HotlineSteward).CreateGrantAsync(Grant()),
            async () => await AccessOf(hub.HotlineSteward).RevokeGrantAsync(new RevokeGrantRequest { Name = grant.Name, Reason = "a test" }),
            () => SetAsync(Own("own"), hub.HotlineSteward),
        ];

        var whileFrozen = new List<(StatusCode, string?)>();
        foreach (var command in commands)
        {
            whileFrozen.Add(await TestStatus.RefusalOf(command));
        }

        var byOperator = await hub.PublishAsync(Resource("growing", Field("title", 1), Field("by_operator", 2)), hub.It.Operator);
        await RemoveAsync("frost", hub.It.Operator);
        foreach (var command in commands)
        {
            await command();
        }

        Assert.Equal(Enumerable.Repeat(Forbidden, commands.Length), whileFrozen);
        Assert.Contains(byOperator.Fields, field => field.Name is "by_operator");
        await RemoveAsync("own", hub.HotlineSteward);
    }

    [Fact]
    public async Task The_refusal_names_the_row_and_whom_to_ask_and_another_department_is_free()
    {
        await SetAsync(Frost("thaw-later"));

        var refusal = await Assert.ThrowsAsync<RpcException>(() => SetAsync(Own("refused-row"), hub.HotlineSteward));
        await SetAsync(Own("of-roads").With(row => (row.Department, row.Effect) = ("departments/roads", PolicyEffect.Allow)), hub.RoadSteward);
        await RemoveAsync("of-roads", hub.RoadSteward);
        await RemoveAsync("thaw-later", hub.It.Operator);

        Assert.Equal("thaw-later", refusal.Detail<ErrorInfo>()!.Metadata["policy_row"]);
        Assert.Contains("ask whoever runs the hub", refusal.Status.Detail);
    }

    [Fact]
    public async Task A_departments_row_binds_its_own_stewards_only_and_they_remove_it()
    {
        await SetAsync(Frost("own-frost").With(row => (row.Department, row.Subject) = ("departments/hotline", "roles/steward")), hub.HotlineSteward);

        var ofRoads = Sharing();
        ofRoads.Name = "departments/roads/sharingLists/frozen";
        await CatalogOf(hub.RoadSteward).UpdateSharingListAsync(new UpdateSharingListRequest { SharingList = ofRoads });
        Assert.Equal(Forbidden, await TestStatus.RefusalOf(() => SetAsync(Own("not-now"), hub.HotlineSteward)));
        await RemoveAsync("own-frost", hub.HotlineSteward);
        await SetAsync(Own("free-again"), hub.HotlineSteward);
        await RemoveAsync("free-again", hub.HotlineSteward);
    }

    [Fact]
    public async Task Nobody_binds_the_operator()
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => SetAsync(Frost("bound").With(row => row.Subject = "roles/operator")));

        Assert.Equal("OPERATOR_NOT_BOUND", Assert.Single(refusal.Detail<BadRequest>()!.FieldViolations).Reason);
    }

    // A draft itself changes nothing, so nothing forbids it.
    private async Task SubmitAsync(Resource resource)
    {
        await DraftsOf(hub.HotlineSteward).SaveResourceDraftAsync(new SaveResourceDraftRequest { Resource = resource });
        await DraftsOf(hub.HotlineSteward).SubmitResourceDraftAsync(new SubmitResourceDraftRequest { Name = $"{resource.Name}/draft" });
    }

    private static PolicyRow Frost(string id) => Row(id, PolicyEffect.Deny, "departments/hotline", "*").With(row =>
    {
        row.Actions.Clear();
        row.Actions.Add(PolicyAction.Administer);
    });

    private static PolicyRow Own(string id) => Row(id, PolicyEffect.Deny, "departments/roads", "*").With(row => row.Department = "departments/hotline");

    private static SharingList Sharing() => new()
    {
        Name = "departments/hotline/sharingLists/frozen",
        Entries = { new SharingEntry { Field = "title", Level = Level.Internal, SharingClass = SharingClass.Unconditional, OpenClass = OpenClass.NotOpen, OpenBasis = Because } },
    };

    private static CreateGrantRequest Grant() => new()
    {
        Parent = "departments/hotline",
        Grant = new Grant
        {
            Reader = "departments/roads",
            Resource = "resources/frozen",
            Fields = { "content" },
            Purposes = { Purpose.GovService },
            Agreement = "departments/hotline/agreements/reading",
            ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(30)),
        },
    };

    private async Task SetAsync(PolicyRow row, TestClient? by = null) => await PoliciesOf(by ?? hub.It.Operator).SetPolicyRowAsync(new SetPolicyRowRequest { PolicyRow = row });

    private static async Task RemoveAsync(string id, TestClient by) =>
        await PoliciesOf(by).RemovePolicyRowAsync(new RemovePolicyRowRequest { Name = $"policyRows/{id}", Reason = "the test is over" });
}
