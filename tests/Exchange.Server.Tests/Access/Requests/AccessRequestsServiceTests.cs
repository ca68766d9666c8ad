using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Grpc.Core;
using static Exchange.Server.Tests.Governance.GovernanceHub;

namespace Exchange.Server.Tests.Access.Requests;

public sealed class AccessRequestsServiceTests(GovernanceHub hub) : IClassFixture<GovernanceHub>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await hub.PublishAsync(Resource(
        "asked", Field("title", 1), Field("content", 2, sharing: SharingClass.Conditional), Field("secret", 3, sharing: SharingClass.NotShared)));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_request_is_there_for_those_it_concerns_and_for_nobody_else()
    {
        var stranger = await hub.It.RegisterAsync("archive", "archive-steward", Role.Steward);
        var draft = await SaveAsync(Request("content"));
        var hidden = await Assert.ThrowsAsync<RpcException>(() => GetAsync(hub.HotlineSteward, draft.Name));
        var submitted = await SubmitAsync(draft);
        var absent = $"accessRequests/{Guid.NewGuid()}";

        Assert.Equal((StatusCode.NotFound, "ACCESS_REQUEST_NOT_FOUND"), (hidden.StatusCode, hidden.Reason()));
        Assert.Equal(submitted.Name, (await GetAsync(hub.HotlineSteward, submitted.Name)).Name);
        Assert.Equal(submitted.Name, (await GetAsync(hub.Roads, submitted.Name)).Name);
        foreach (var call in new Func<string, Task>[]
        {
            name => GetAsync(stranger, name),
            name => RequestsOf(stranger).WithdrawAccessRequestAsync(new WithdrawAccessRequestRequest { Name = name }).ResponseAsync,
            name => RequestsOf(stranger).CheckAccessRequestAsync(new CheckAccessRequestRequest { Name = name, Etag = "q1", Verdict = ReviewVerdict.Approve }).ResponseAsync,
            name => RequestsOf(stranger).ReviewAccessRequestAsync(new ReviewAccessRequestRequest { Name = name, Etag = "q1", Verdict = ReviewVerdict.Reject, Reason = "no" }).ResponseAsync,
        })
        {
            var (there, gone) = (await Assert.ThrowsAsync<RpcException>(() => call(submitted.Name)), await Assert.ThrowsAsync<RpcException>(() => call(absent)));
            Assert.Equal((StatusCode.NotFound, there.Status.Detail.Replace(submitted.Name[15..], "", StringComparison.Ordinal)), (gone.StatusCode, gone.Status.Detail.Replace(absent[15..], "", StringComparison.Ordinal)));
        }

        Assert.DoesNotContain((await RequestsOf(stranger).ListAccessRequestsAsync(new ListAccessRequestsRequest())).Requests, request => request.Name == submitted.Name);
    }

    [Fact]
    public async Task Only_stewards_ask_and_only_for_their_department()
    {
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => SaveAsync(Request("content"), hub.Roads)));
        Assert.Equal((StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"), await TestStatus.RefusalOf(() => SaveAsync(Request("content"), hub.HotlineSteward)));
        var submitted = await SubmitAsync(await SaveAsync(Request("content")));
        Assert.Equal((StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"), await TestStatus.RefusalOf(() => ReviewAsync(submitted, hub.RoadSteward, owner: "departments/hotline")));
    }

    [Fact]
    public async Task What_an_owner_asks_and_the_requester_answers_stands_in_the_request()
    {
        var submitted = await SubmitAsync(await SaveAsync(Request("content")));
        var asked = await RequestsOf(hub.HotlineSteward).AskForSupplementAsync(new AskForSupplementRequest { Name = submitted.Name, Etag = submitted.Etag, Question = "which roads?" });
        var answered = await RequestsOf(hub.RoadSteward).SupplementAccessRequestAsync(
            new SupplementAccessRequestRequest { Name = submitted.Name, Etag = asked.Etag, Owner = "departments/hotline", Answer = "those of the east\nand the west" });
        var rejected = await ReviewAsync(answered, hub.HotlineSteward, ReviewVerdict.Reject, "too many");

        Assert.Equal((AccessRequestState.SupplementNeeded, "which roads?"), (asked.State, asked.Parts[0].Question));
        Assert.Equal((AccessRequestState.OwnerReview, "those of the east\nand the west"), (answered.State, answered.Parts[0].Answer));
        Assert.Equal((AccessRequestState.Rejected, "too many"), (rejected.State, rejected.Parts[0].Reason));
        Assert.Equal((StatusCode.FailedPrecondition, "WRONG_STATE"), await TestStatus.RefusalOf(() => ReviewAsync(rejected, hub.HotlineSteward, ReviewVerdict.Reject, "again")));
    }

    [Fact]
    public async Task A_batch_is_tried_out_first_and_then_done_each_for_itself()
    {
        AccessRequest[] requests = [Request("content"), Request("secret"), Request("title", "content")];
        var preview = await SubmitManyAsync(requests, validateOnly: true);
        var nothing = await TestStatus.RefusalOf(() => GetAsync(hub.RoadSteward, requests[0].Name));
        var done = await SubmitManyAsync(requests, validateOnly: false);
        var again = await SubmitManyAsync(requests, validateOnly: false);

        Assert.Equal(["OwnerReview", "`request.fields[0]`", "OwnerReview"], preview);
        Assert.Equal((StatusCode.NotFound, "ACCESS_REQUEST_NOT_FOUND"), nothing);
        Assert.Equal(preview, done);
        Assert.Equal(preview, again);

        var reviews = new BatchReviewAccessRequestsRequest { ValidateOnly = true };
        foreach (var name in new[] { requests[0].Name, requests[1].Name, requests[2].Name })
        {
            reviews.Reviews.Add(new ReviewAccessRequestRequest
            {
                Name = name, Etag = "q2", Verdict = ReviewVerdict.Approve, Terms = new ApprovalTerms { Agreement = "departments/hotline/agreements/reading" },
            });
        }

        var tried = await RequestsOf(hub.HotlineSteward).BatchReviewAccessRequestsAsync(reviews);
        var stillOpen = await GetAsync(hub.RoadSteward, requests[0].Name);
        reviews.ValidateOnly = false;
        var decided = await RequestsOf(hub.HotlineSteward).BatchReviewAccessRequestsAsync(reviews);

        Assert.Equal([AccessRequestState.Approved, AccessRequestState.Unspecified, AccessRequestState.Approved], tried.Results.Select(result => result.Request.State));
        Assert.Equal(AccessRequestState.OwnerReview, stillOpen.State);
        Assert.Equal([AccessRequestState.Approved, AccessRequestState.Unspecified, AccessRequestState.Approved], decided.Results.Select(result => result.Request.State));
        Assert.Equal((int)StatusCode.NotFound, decided.Results[1].Refusal.Code);
    }

    [Fact]
    public async Task Lists_show_what_one_asked_for_and_what_one_has_to_do()
    {
        var submitted = await SubmitAsync(await SaveAsync(Request("content")));
        async Task<bool> Lists(TestClient by, ListAccessRequestsRequest filter)
        {
            filter.PageSize = 500;
            return (await RequestsOf(by).ListAccessRequestsAsync(filter)).Requests.Any(request => request.Name == submitted.Name);
        }

        Assert.True(await Lists(hub.RoadSteward, new() { Side = AccessRequestSide.Requester }));
        Assert.False(await Lists(hub.RoadSteward, new() { Side = AccessRequestSide.ToAct }));
        Assert.True(await Lists(hub.HotlineSteward, new() { Side = AccessRequestSide.ToAct, State = AccessRequestState.OwnerReview }));
        Assert.False(await Lists(hub.HotlineSteward, new() { Side = AccessRequestSide.Owner, DueState = DueState.Near }));
    }

    [Fact]
    public async Task A_follower_of_the_inbox_hears_of_each_step_once_and_goes_on_where_it_was()
    {
        using var call = InboxOf(hub.RoadSteward).FollowInbox(new FollowInboxRequest { Parent = "departments/roads" });
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        var submitted = await SubmitAsync(await SaveAsync(Request("content")));
        var first = await NextNoticesAsync(call);
        var rejected = await ReviewAsync(submitted, hub.HotlineSteward, ReviewVerdict.Reject, "not for lamps");
        using var later = InboxOf(hub.RoadSteward).FollowInbox(new FollowInboxRequest { Parent = "departments/roads", AfterPosition = first.Position });
        var second = await NextNoticesAsync(later);
        var beyond = await TestStatus.RefusalOf(() => InboxOf(hub.RoadSteward).ListNoticesAsync(new ListNoticesRequest { Parent = "departments/roads", AfterPosition = long.MaxValue / 2 }).ResponseAsync);

        Assert.Equal((NoticeKind.RequestSubmitted, submitted.Name, "departments/roads"), (first.Notices[0].Kind, first.Notices[0].Subject, first.Notices[0].By));
        Assert.Equal((NoticeKind.RequestRejected, rejected.Name, "not for lamps", "departments/hotline"), (second.Notices[0].Kind, second.Notices[0].Subject, second.Notices[0].Text, second.Notices[0].By));
        Assert.Equal((StatusCode.OutOfRange, "POSITION_BEYOND_HEAD"), beyond);
    }

    [Fact]
    public async Task The_operator_settles_the_hub_s_clocks_and_everybody_sees_them()
    {
        var settings = await SettingsOf(hub.Roads).GetHubSettingsAsync(new GetHubSettingsRequest());
        var changed = new HubSettings(settings) { Limits = new WorkingDayLimits { OwnerReview = 5 }, Holidays = { "2026-10-01" } };

        var refused = await TestStatus.RefusalOf(() => SettingsOf(hub.RoadSteward).UpdateHubSettingsAsync(new UpdateHubSettingsRequest { Settings = changed }).ResponseAsync);
        var updated = await SettingsOf(hub.It.Operator).UpdateHubSettingsAsync(new UpdateHubSettingsRequest { Settings = changed, Etag = settings.Etag });

        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), refused);
        Assert.Equal((5, 2, "2026-10-01", "Asia/Shanghai"), (updated.Limits.OwnerReview, updated.Limits.ConformityCheck, Assert.Single(updated.Holidays), updated.TimeZone));
    }

    [Fact]
    public async Task An_agreement_s_versions_stay_as_they_were()
    {
        var first = await PublishAgreementAsync(hub.RoadSteward, "roads");
        var second = await AgreementsOf(hub.RoadSteward).PublishAgreementAsync(new PublishAgreementRequest { Agreement = new Agreement(first) { Text = "For its purpose, and deleted after." }, Etag = first.Etag });

        Assert.Equal((1, 2), (first.Version, second.Version));
        Assert.Equal(first, await AgreementsOf(hub.Hotline).GetAgreementAsync(new GetAgreementRequest { Name = first.Name, Version = 1 }));
        Assert.Equal(second, await AgreementsOf(hub.Hotline).GetAgreementAsync(new GetAgreementRequest { Name = first.Name }));
        Assert.Equal(
            (StatusCode.NotFound, "AGREEMENT_NOT_FOUND"),
            await TestStatus.RefusalOf(() => AgreementsOf(hub.Hotline).GetAgreementAsync(new GetAgreementRequest { Name = first.Name, Version = 3 }).ResponseAsync));
    }

    private static AccessRequest Request(params string[] fields) => RequestOf("roads", "asked", "hotline", fields);

    private static async Task<AccessRequest> GetAsync(TestClient by, string name) => await RequestsOf(by).GetAccessRequestAsync(new GetAccessRequestRequest { Name = name });

    private async Task<AccessRequest> SaveAsync(AccessRequest request, TestClient? by = null) =>
        await RequestsOf(by ?? hub.RoadSteward).SaveAccessRequestAsync(new SaveAccessRequestRequest { Request = request });

    private async Task<AccessRequest> SubmitAsync(AccessRequest draft) =>
        await RequestsOf(hub.RoadSteward).SubmitAccessRequestAsync(new SubmitAccessRequestRequest { Name = draft.Name, Etag = draft.Etag });

    private static async Task<AccessRequest> ReviewAsync(
        AccessRequest request, TestClient by, ReviewVerdict verdict = ReviewVerdict.Reject, string reason = "no", string owner = "") =>
        await RequestsOf(by).ReviewAccessRequestAsync(new ReviewAccessRequestRequest { Name = request.Name, Etag = request.Etag, Owner = owner, Verdict = verdict, Reason = reason });

    // States, or the first word of the refusal.
    private async Task<string[]> SubmitManyAsync(AccessRequest[] requests, bool validateOnly)
    {
        var response = await RequestsOf(hub.RoadSteward).BatchSubmitAccessRequestsAsync(new BatchSubmitAccessRequestsRequest { Requests = { requests }, ValidateOnly = validateOnly });
        return [.. response.Results.Select(result => result.Refusal is null ? $"{result.Request.State}" : result.Refusal.Message.Split(':')[0])];
    }
}
