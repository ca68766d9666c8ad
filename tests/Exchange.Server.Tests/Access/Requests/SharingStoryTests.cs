using System.Diagnostics;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Feed;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using static Exchange.Server.Tests.Governance.GovernanceHub;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Access.Requests;

/// <summary>Sharing from end to end, told as it happens: on two nodes, through channels, by people and machines of two departments.</summary>
[Collection(Exchange.Testing.LoadCollection.Name)]
public sealed class SharingStoryTests : IAsyncLifetime
{
    private TestHub hub = null!;
    private TestHub other = null!;
    private TestClient hotline = null!;
    private TestClient hotlineSteward = null!;
    private TestClient secondSteward = null!;
    private TestClient traffic = null!;
    private TestClient trafficSteward = null!;

    public async ValueTask InitializeAsync()
    {
        hub = await TestHub.StartAsync("sharing_story");
        (hotline, hotlineSteward) = (await hub.RegisterAsync("hotline"), await hub.RegisterAsync("hotline", "hotline-steward", Role.Steward));
        secondSteward = await hub.RegisterAsync("hotline", "hotline-second", Role.Steward);
        (traffic, trafficSteward) = (await hub.RegisterAsync("traffic"), await hub.RegisterAsync("traffic", "traffic-steward", Role.Steward));
        other = await hub.StartSecondNodeAsync();
        await CatalogOf(hub.Operator).PublishResourceAsync(new PublishResourceRequest
        {
            Resource = Resource(
                "street_lamps",
                Field("title", 1),
                OfHotline("content", 2, Level.Sensitive),
                OfHotline("crossing", 3),
                OfHotline("phone", 4)),
        });
        await PublishAgreementAsync(hotlineSteward, "hotline");
        await PushAsync("l-1", "Lamp out", "It flickers, then it is dark", "East 3rd / Lake", "555-0101");
    }

    public ValueTask DisposeAsync() => hub.DisposeAsync();

    [Fact]
    public async Task The_traffic_department_gets_what_it_needs_for_as_long_as_it_may()
    {
        // The traffic department finds a field in the catalog.
        var found = await CatalogOf(traffic).SearchCatalogAsync(new SearchCatalogRequest { Query = "crossing" });
        Assert.Equal("resources/street_lamps", Assert.Single(found.Resources).Name);

        // It is refused, and told why and what to do.
        var refused = await RefusedAsync("content", "crossing");
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        Assert.Contains("grant", refused.Status.Detail, StringComparison.Ordinal);

        // It asks for a mix, and only what needs a request goes to the owner.
        var draft = await RequestsOf(trafficSteward).SaveAccessRequestAsync(new SaveAccessRequestRequest { Request = RequestOf("traffic", "street_lamps", "hotline", "title", "content", "crossing", "phone") });
        Assert.Equal(("title", "UNCONDITIONAL"), (Assert.Single(draft.Unneeded).Field, draft.Unneeded[0].Reason));
        var asked = await RequestsOf(trafficSteward).SubmitAccessRequestAsync(new SubmitAccessRequestRequest { Name = draft.Name, Etag = draft.Etag });
        Assert.Equal((AccessRequestState.OwnerReview, "content crossing phone"), (asked.State, string.Join(' ', Assert.Single(asked.Parts).Fields)));

        // The owner hears of it on the other node, and approves two of three fields for a quarter, narrower than asked.
        var toReview = await FirstNoticeAsync(hotlineSteward, "hotline");
        Assert.Equal((NoticeKind.RequestSubmitted, asked.Name, true), (toReview.Kind, toReview.Subject, toReview.ToAct));
        var end = DateTimeOffset.UtcNow.AddMonths(3);
        var decided = await RequestsOf(hotlineSteward).ReviewAccessRequestAsync(new ReviewAccessRequestRequest
        {
            Name = asked.Name,
            Etag = asked.Etag,
            Verdict = ReviewVerdict.Approve,
            Reason = "a phone number is not needed to mend a lamp",
            Terms = new ApprovalTerms
            {
                Agreement = "departments/hotline/agreements/reading", Fields = { "content", "crossing" }, ExpireTime = Timestamp.FromDateTimeOffset(end),
                RenewalPeriod = RenewalPeriod.Quarter,
            },
        });
        Assert.Equal((AccessRequestState.OwnerReview, asked.Etag), (decided.State, decided.Etag));

        // What the field tells is sensitive: a second steward of the owner looks at it, never the same one.
        var pending = new PendingChangesService.PendingChangesServiceClient(hotlineSteward.Invoker);
        var approval = new ReviewPendingChangeRequest { Name = decided.PendingChange, Verdict = ReviewVerdict.Approve };
        Assert.Equal((StatusCode.PermissionDenied, "FOUR_EYES"), await TestStatus.RefusalOf(() => pending.ReviewPendingChangeAsync(approval).ResponseAsync));
        await new PendingChangesService.PendingChangesServiceClient(secondSteward.InvokerOn(other)).ReviewPendingChangeAsync(approval);
        decided = await new AccessRequestsService.AccessRequestsServiceClient(hotlineSteward.InvokerOn(other)).GetAccessRequestAsync(new GetAccessRequestRequest { Name = asked.Name });
        var grant = Assert.Single(decided.Parts).Grant;
        Assert.Equal(AccessRequestState.Approved, decided.State);

        // Nothing is read by it before the traffic department accepted the agreement.
        Assert.Equal(StatusCode.PermissionDenied, (await RefusedAsync("content", "crossing")).StatusCode);
        await AccessOf(trafficSteward).AcceptGrantAsync(new AcceptGrantRequest { Name = grant, AgreementVersion = 1 });
        var accepted = Stopwatch.GetTimestamp();
        await MayReadAsync(hub, "content");
        await MayReadAsync(other, "content");
        Assert.InRange(Stopwatch.GetElapsedTime(accepted), TimeSpan.Zero, TimeSpan.FromSeconds(1));

        // The reads work for the purpose of the request and no other, and the refused field stays refused.
        Assert.Equal(["It flickers, then it is dark", "East 3rd / Lake"], await PullAsync("content", "crossing"));
        Assert.Equal(StatusCode.PermissionDenied, (await RefusedAsync("phone")).StatusCode);
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(() => PullAsync(Purpose.Research, "content"))).StatusCode);

        // The owner sees who read its fields.
        var audit = new AuditService.AuditServiceClient(hotlineSteward.Invoker);
        var entries = (await audit.ListAuditEntriesAsync(new ListAuditEntriesRequest { Owner = "departments/hotline", Resource = "resources/street_lamps", PageSize = 500 })).Entries;
        Assert.Contains(entries, entry => entry is { Department: "departments/traffic", Action: "pull", Outcome: "OK", Rows: 1, Purpose: (int)Purpose.Regulation });

        // The grant is revoked: its open streams end within a second on both nodes, with the rule that ended them.
        using var here = await FollowAsync(hub);
        using var there = await FollowAsync(other);
        var (first, second) = (TimedAsync(here), TimedAsync(there));
        await AccessOf(hotlineSteward).RevokeGrantAsync(new RevokeGrantRequest { Name = grant, Reason = "the lamps are mended" });
        var revoked = Stopwatch.GetTimestamp();
        foreach (var (ended, at) in new[] { await first, await second })
        {
            Assert.Equal((StatusCode.PermissionDenied, "RIGHT_ENDED"), (ended.StatusCode, ended.Reason()));
            Assert.Contains(grant.Split('/')[^1], ended.Detail<ErrorInfo>()!.Metadata["rules"], StringComparison.Ordinal);
            Assert.InRange(Stopwatch.GetElapsedTime(revoked, Math.Max(at, revoked)), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        }

        Assert.Equal(StatusCode.PermissionDenied, (await RefusedAsync("content", "crossing")).StatusCode);

        // Both sides were told of every step, in the same order on every node.
        NoticeKind[] told = [NoticeKind.RequestSubmitted, NoticeKind.GrantOffered, NoticeKind.RequestApproved, NoticeKind.GrantAccepted, NoticeKind.GrantRevoked];
        Assert.Equal(told, await NoticesAsync(trafficSteward, "traffic"));
        NoticeKind[] toldOwner = [told[0], NoticeKind.ChangeProposed, NoticeKind.ChangeApproved, .. told[1..]];
        Assert.Equal(toldOwner, await NoticesAsync(hotlineSteward, "hotline"));
        var after = await RequestsOf(trafficSteward).GetAccessRequestAsync(new GetAccessRequestRequest { Name = asked.Name });
        Assert.Equal(AccessRequestState.Revoked, after.State);
    }

    private static async Task<(RpcException Ended, long At)> TimedAsync(Follower follower)
    {
        var ended = await follower.ReadToEndAsync();
        return (ended, Stopwatch.GetTimestamp());
    }

    private static Protos.V1.Field OfHotline(string name, int number, Level level = Level.Internal)
    {
        var field = Field(name, number, sharing: SharingClass.Conditional);
        (field.Owner, field.Level) = (new OwnerRule { Department = "departments/hotline" }, level);
        return field;
    }

    private async Task PushAsync(string id, params string[] values) => await new RecordsService.RecordsServiceClient(hotline.Invoker).PushBatchAsync(new PushBatchRequest
    {
        Header = new PushHeader
        {
            Resource = "resources/street_lamps", SourceSystem = "hotline", PushId = Guid.NewGuid().ToString("n"), Fields = { "title", "content", "crossing", "phone" },
        },
        Batch = new PushedBatch { Sequence = 1, Records = { Own(id, [.. values.Select(Text)]) } },
    });

    private Task<RpcException> RefusedAsync(params string[] fields) => Assert.ThrowsAsync<RpcException>(() => PullAsync(fields));

    private Task<IReadOnlyList<string>> PullAsync(params string[] fields) => PullAsync(Purpose.Regulation, fields);

    private async Task<IReadOnlyList<string>> PullAsync(Purpose purpose, params string[] fields)
    {
        using var call = new RecordsService.RecordsServiceClient(traffic.Invoker).Pull(new PullRequest { Resource = "resources/street_lamps", Purpose = purpose, Fields = { fields } });
        List<string> texts = [];
        await foreach (var response in call.ResponseStream.ReadAllAsync())
        {
            texts.AddRange((response.Batch?.Rows ?? []).SelectMany(record => record.Values.Select(value => value.Text)));
        }

        return texts;
    }

    private Task<Follower> FollowAsync(TestHub node) => Follower.BeginAsync(
        new FeedService.FeedServiceClient(traffic.InvokerOn(node)),
        new FollowRequest { Resource = "resources/street_lamps", Purpose = Purpose.Regulation, Fields = { "content" } });

    // Ends when that node's plan lets the traffic department read the field of some record.
    private async Task MayReadAsync(TestHub node, string field)
    {
        var access = new AccessService.AccessServiceClient(traffic.InvokerOn(node));
        var request = new GetAccessPlanRequest { Resource = "resources/street_lamps", Purpose = Purpose.Regulation };
        while (!(await access.GetAccessPlanAsync(request)).Fields.Single(planned => planned.Field == field).Rules.Any(rule => rule.Allow))
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private async Task<IReadOnlyList<NoticeKind>> NoticesAsync(TestClient by, string department) =>
        [.. (await new InboxService.InboxServiceClient(by.InvokerOn(other)).ListNoticesAsync(new ListNoticesRequest { Parent = $"departments/{department}" })).Notices.Select(notice => notice.Kind)];

    // As it arrives on the other node, which may hear of it a little later.
    private async Task<Notice> FirstNoticeAsync(TestClient by, string department)
    {
        using var call = new InboxService.InboxServiceClient(by.InvokerOn(other)).FollowInbox(new FollowInboxRequest { Parent = $"departments/{department}", AfterPosition = 0 });
        return (await NextNoticesAsync(call)).Notices[0];
    }
}
