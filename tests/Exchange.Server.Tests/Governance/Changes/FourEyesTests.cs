using Exchange.Protos.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using static Exchange.Server.Tests.Governance.GovernanceHub;
using static Exchange.Server.Tests.Policies.Rows;

namespace Exchange.Server.Tests.Governance.Changes;

/// <summary>What is about fields of level 3 and 4 waits for a second steward of their owner, on real PostgreSQL and through a channel.</summary>
public sealed class FourEyesTests(GovernanceHub hub) : IClassFixture<GovernanceHub>, IAsyncLifetime
{
    private TestClient second = null!;
    private string resource = "";

    public async ValueTask InitializeAsync()
    {
        second = await hub.It.RegisterAsync("hotline", $"second-{Guid.NewGuid():n}", Role.Steward);
        resource = $"eyes_{Guid.NewGuid():n}"[..20];
        await hub.PublishAsync(Resource(resource, OfHotline("title", 1, Level.Internal), OfHotline("content", 2, Level.Sensitive), OfHotline("phone", 3, Level.HighlySensitive)));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_grant_is_offered_once_another_steward_approved_it()
    {
        var request = new CreateGrantRequest { Parent = "departments/hotline", Grant = Offer("title", "content"), RequestId = Guid.NewGuid().ToString() };

        var asked = await AccessOf(hub.HotlineSteward).CreateGrantAsync(request);
        var again = await AccessOf(hub.HotlineSteward).CreateGrantAsync(request);
        var waiting = await WaitingAsync();

        Assert.Equal((asked.Name, asked.PendingChange), (again.Name, again.PendingChange));
        Assert.Equal((asked.PendingChange, "hotline-steward", $"resources/{resource}/fields/content"), (waiting.Name, waiting.Author, Assert.Single(waiting.Fields)));
        Assert.Equal(asked.Name, Assert.Single(waiting.Parts).Grant.Name);
        Assert.Equal((StatusCode.NotFound, "GRANT_NOT_FOUND"), await TestStatus.RefusalOf(() => AcceptAsync(hub.RoadSteward, asked)));
        Assert.Equal((StatusCode.PermissionDenied, "FOUR_EYES"), await TestStatus.RefusalOf(() => ReviewAsync(hub.HotlineSteward, asked.PendingChange)));
        Assert.Equal((StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"), await TestStatus.RefusalOf(() => ReviewAsync(hub.RoadSteward, asked.PendingChange)));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => ReviewAsync(hub.It.Operator, asked.PendingChange)));

        await ReviewAsync(second, asked.PendingChange);

        Assert.Equal(GrantState.Active, (await AcceptAsync(hub.RoadSteward, asked)).State);
        Assert.Empty(await ListAsync());
        Assert.Equal((StatusCode.NotFound, "CHANGE_NOT_FOUND"), await TestStatus.RefusalOf(() => ReviewAsync(second, asked.PendingChange)));
    }

    [Fact]
    public async Task What_is_about_lower_levels_waits_for_nobody_and_neither_does_a_revocation()
    {
        var low = await AccessOf(hub.HotlineSteward).CreateGrantAsync(new CreateGrantRequest { Parent = "departments/hotline", Grant = Offer("title") });
        var high = await AccessOf(hub.HotlineSteward).CreateGrantAsync(new CreateGrantRequest { Parent = "departments/hotline", Grant = Offer("phone") });
        await ReviewAsync(second, high.PendingChange);
        await AcceptAsync(hub.RoadSteward, low);
        await AcceptAsync(hub.RoadSteward, high);

        var revoked = await AccessOf(hub.HotlineSteward).RevokeGrantAsync(new RevokeGrantRequest { Name = high.Name, Reason = "a leak" });

        Assert.Equal(("", "", GrantState.Revoked), (low.PendingChange, revoked.PendingChange, revoked.State));
    }

    [Fact]
    public async Task What_the_operator_gives_for_a_department_waits_for_one_of_its_stewards()
    {
        var asked = await AccessOf(hub.It.Operator).CreateGrantAsync(new CreateGrantRequest { Parent = "departments/hotline", Grant = Offer("content") });
        Assert.NotEmpty(asked.PendingChange);

        await ReviewAsync(hub.HotlineSteward, asked.PendingChange);

        Assert.Equal(GrantState.Active, (await AcceptAsync(hub.RoadSteward, asked)).State);
    }

    [Fact]
    public async Task A_class_changes_with_the_approval_on_every_node()
    {
        var other = await hub.It.StartSecondNodeAsync();
        var list = await ListOfHotlineAsync("phone", Level.HighlySensitive, SharingClass.Unconditional, "");

        Assert.NotEmpty(list.PendingChange);
        Assert.True(list.Entries.Single(entry => entry.Field is "phone").Inherited);
        var plan = await AccessOf(hub.Roads).GetAccessPlanAsync(new GetAccessPlanRequest { Resource = $"resources/{resource}", Purpose = Purpose.Regulation });
        Assert.DoesNotContain(plan.Fields.Single(field => field.Field == "phone").Rules, rule => rule is { Allow: true, Condition: "" });

        await new PendingChangesService.PendingChangesServiceClient(second.InvokerOn(other)).ReviewPendingChangeAsync(
            new ReviewPendingChangeRequest { Name = list.PendingChange, Verdict = ReviewVerdict.Approve });
        await HeardAsync(NoticeKind.ChangeApproved, list.PendingChange);

        plan = await AccessOf(hub.Roads).GetAccessPlanAsync(new GetAccessPlanRequest { Resource = $"resources/{resource}", Purpose = Purpose.Regulation });
        Assert.Contains(plan.Fields.Single(field => field.Field == "phone").Rules, rule => rule is { Allow: true, Condition: "" });
    }

    [Theory]
    [InlineData(Level.Public)]
    [InlineData(Level.Sensitive)]
    public async Task To_lower_or_raise_a_level_over_the_line_waits_too(Level level)
    {
        var list = await ListOfHotlineAsync(level is Level.Public ? "phone" : "title", level, SharingClass.Conditional, "");

        Assert.NotEmpty(list.PendingChange);
        await RejectAsync(second, list.PendingChange);
    }

    [Fact]
    public async Task A_change_that_is_outdated_is_refused_and_asked_for_anew()
    {
        var list = await ListOfHotlineAsync("phone", Level.HighlySensitive, SharingClass.Unconditional, "");
        Assert.Equal(
            (StatusCode.FailedPrecondition, "CHANGE_PENDING"),
            await TestStatus.RefusalOf(() => ListOfHotlineAsync("content", Level.Sensitive, SharingClass.Unconditional, "")));
        var other = await ListOfHotlineAsync("title", Level.Internal, SharingClass.Unconditional, "");

        // Another field of the list changed meanwhile: it would be lost.
        Assert.Equal(("", "FailedPrecondition CHANGE_OUTDATED"), (other.PendingChange, Text(await TestStatus.RefusalOf(() => ReviewAsync(second, list.PendingChange)))));
        await RejectAsync(hub.HotlineSteward, list.PendingChange);

        var anew = await ListOfHotlineAsync("phone", Level.HighlySensitive, SharingClass.NotShared, other.Etag);
        await ReviewAsync(second, anew.PendingChange);
        var now = await CatalogOf(hub.Roads).GetSharingListAsync(new GetSharingListRequest { Name = $"departments/hotline/sharingLists/{resource}" });
        Assert.Equal(["phone"], now.Entries.Where(entry => !entry.Inherited).Select(entry => entry.Field));
    }

    [Fact]
    public async Task A_departments_policy_row_waits_and_so_does_its_end()
    {
        var id = $"eyes-{Guid.NewGuid():n}"[..20];
        var row = new PolicyRow
        {
            Name = $"policyRows/{id}", Department = "departments/hotline", Subject = "departments/roads", Object = $"resources/{resource}/fields/content",
            Actions = { PolicyAction.Read }, Effect = PolicyEffect.Deny, Reason = "a test",
        };
        var policies = new PolicyService.PolicyServiceClient(hub.HotlineSteward.Invoker);

        var set = await policies.SetPolicyRowAsync(new SetPolicyRowRequest { PolicyRow = row });
        Assert.DoesNotContain(row.Name, await RowsAsync());
        await ReviewAsync(second, set.PendingChange);
        Assert.Contains(row.Name, await RowsAsync());

        var removed = await policies.RemovePolicyRowAsync(new RemovePolicyRowRequest { Name = row.Name, Reason = "over" });
        Assert.Contains(row.Name, await RowsAsync());
        await ReviewAsync(second, removed.PendingChange);
        Assert.DoesNotContain(row.Name, await RowsAsync());

        row.Object = $"resources/{resource}/fields/title";
        Assert.Empty((await policies.SetPolicyRowAsync(new SetPolicyRowRequest { PolicyRow = row })).PendingChange);
    }

    [Fact]
    public async Task The_operators_row_for_all_waits_for_a_second_operator_and_for_no_steward()
    {
        var row = Row($"all-{Guid.NewGuid():n}"[..20], PolicyEffect.Allow, "levels/city", $"resources/{resource}/fields/content");
        var operators = PoliciesOf(hub.It.Operator);

        var set = await operators.SetPolicyRowAsync(new SetPolicyRowRequest { PolicyRow = row });
        Assert.DoesNotContain(row.Name, await RowsAsync());
        Assert.Equal((StatusCode.PermissionDenied, "FOUR_EYES"), await TestStatus.RefusalOf(() => ReviewAsync(hub.It.Operator, set.PendingChange)));
        var steward = await hub.It.RegisterAsync(set.PendingChange.Split('/')[1], $"steward-{Guid.NewGuid():n}"[..20], Role.Steward);
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => ReviewAsync(steward, set.PendingChange)));
        Assert.Equal((StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"), await TestStatus.RefusalOf(() => ReviewAsync(second, set.PendingChange)));

        // It stands with the second operator's approval, and ends only with another.
        var other = await hub.It.SecondOperatorAsync();
        await ReviewAsync(other, set.PendingChange);
        Assert.Contains(row.Name, await RowsAsync());
        var removed = await operators.RemovePolicyRowAsync(new RemovePolicyRowRequest { Name = row.Name, Reason = "over" });
        Assert.Contains(row.Name, await RowsAsync());
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => ReviewAsync(steward, removed.PendingChange)));
        await ReviewAsync(other, removed.PendingChange);
        Assert.DoesNotContain(row.Name, await RowsAsync());

        // What is about no field of level 3 or 4 waits for nobody; and a second operator is no second steward.
        row.Object = $"resources/{resource}/fields/title";
        Assert.Empty((await operators.SetPolicyRowAsync(new SetPolicyRowRequest { PolicyRow = row })).PendingChange);
        await hub.It.RemoveRowAsync(row.Name["policyRows/".Length..]);
        var list = await ListOfHotlineAsync("phone", Level.HighlySensitive, SharingClass.NotShared, "");
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => ReviewAsync(other, list.PendingChange)));
        await RejectAsync(second, list.PendingChange);
    }

    [Fact]
    public async Task A_preview_of_many_decisions_tells_which_wait()
    {
        var asked = new List<AccessRequest>();
        foreach (var field in new[] { "content", "title" })
        {
            var draft = await RequestsOf(hub.RoadSteward).SaveAccessRequestAsync(new SaveAccessRequestRequest { Request = RequestOf("roads", resource, "hotline", field) });
            asked.Add(await RequestsOf(hub.RoadSteward).SubmitAccessRequestAsync(new SubmitAccessRequestRequest { Name = draft.Name }));
        }

        var reviews = new BatchReviewAccessRequestsRequest
        {
            ValidateOnly = true,
            Reviews =
            {
                asked.Select(one => new ReviewAccessRequestRequest
                {
                    Name = one.Name, Etag = one.Etag, Verdict = ReviewVerdict.Approve, Terms = new ApprovalTerms { Agreement = "departments/hotline/agreements/reading" },
                }),
            },
        };
        static IEnumerable<(bool, AccessRequestState)> Told(BatchAccessRequestsResponse response) => response.Results.Select(result => (result.Waits, result.Request.State));

        var tried = await RequestsOf(hub.HotlineSteward).BatchReviewAccessRequestsAsync(reviews);
        Assert.DoesNotContain(await ListAsync(), change => change.Parts.Any(part => part.AccessRequest == asked[0].Name));
        reviews.ValidateOnly = false;
        var done = await RequestsOf(hub.HotlineSteward).BatchReviewAccessRequestsAsync(reviews);

        Assert.Equal([(true, AccessRequestState.OwnerReview), (false, AccessRequestState.Approved)], Told(tried));
        Assert.Equal(Told(tried), Told(done));
        Assert.Equal(("", true), (tried.Results[0].Request.PendingChange, done.Results[0].Request.PendingChange.Length > 0));
        await RejectAsync(second, done.Results[0].Request.PendingChange);
    }

    [Fact]
    public async Task The_approval_of_a_request_waits_and_the_request_stands_where_it_stood()
    {
        var asked = await RequestsOf(hub.RoadSteward).SaveAccessRequestAsync(new SaveAccessRequestRequest { Request = RequestOf("roads", resource, "hotline", "content", "title") });
        asked = await RequestsOf(hub.RoadSteward).SubmitAccessRequestAsync(new SubmitAccessRequestRequest { Name = asked.Name });
        var review = new ReviewAccessRequestRequest
        {
            Name = asked.Name, Etag = asked.Etag, Verdict = ReviewVerdict.Approve, Terms = new ApprovalTerms { Agreement = "departments/hotline/agreements/reading" },
        };

        var reviewed = await RequestsOf(hub.HotlineSteward).ReviewAccessRequestAsync(review);
        Assert.NotEmpty(reviewed.PendingChange);
        Assert.Equal((AccessRequestState.OwnerReview, asked.Etag), (reviewed.State, reviewed.Etag));

        await ReviewAsync(second, reviewed.PendingChange);
        var approved = await RequestsOf(hub.RoadSteward).GetAccessRequestAsync(new GetAccessRequestRequest { Name = asked.Name });
        Assert.Equal(AccessRequestState.Approved, approved.State);
        var grant = (await AccessOf(hub.RoadSteward).ListGrantsAsync(new ListGrantsRequest { Parent = "departments/roads", Received = true, PageSize = 500 }))
            .Grants.Single(one => one.Name == approved.Parts[0].Grant);
        Assert.Equal((GrantState.Offered, "hotline-steward"), (grant.State, grant.Issuer));
    }

    [Fact]
    public async Task A_request_that_was_withdrawn_meanwhile_is_not_approved()
    {
        var asked = await RequestsOf(hub.RoadSteward).SaveAccessRequestAsync(new SaveAccessRequestRequest { Request = RequestOf("roads", resource, "hotline", "content") });
        asked = await RequestsOf(hub.RoadSteward).SubmitAccessRequestAsync(new SubmitAccessRequestRequest { Name = asked.Name });
        var reviewed = await RequestsOf(hub.HotlineSteward).ReviewAccessRequestAsync(new ReviewAccessRequestRequest
        {
            Name = asked.Name, Etag = asked.Etag, Verdict = ReviewVerdict.Approve, Terms = new ApprovalTerms { Agreement = "departments/hotline/agreements/reading" },
        });
        await RequestsOf(hub.RoadSteward).WithdrawAccessRequestAsync(new WithdrawAccessRequestRequest { Name = asked.Name });

        Assert.Equal((StatusCode.FailedPrecondition, "CHANGE_OUTDATED"), await TestStatus.RefusalOf(() => ReviewAsync(second, reviewed.PendingChange)));
        await RejectAsync(second, reviewed.PendingChange);
    }

    [Fact]
    public async Task A_rejection_needs_a_reason_and_is_told()
    {
        var asked = await AccessOf(hub.HotlineSteward).CreateGrantAsync(new CreateGrantRequest { Parent = "departments/hotline", Grant = Offer("content") });

        Assert.Equal("reason INVALID_TEXT", await TestStatus.ViolationOf(() => PendingOf(second).ReviewPendingChangeAsync(new() { Name = asked.PendingChange, Verdict = ReviewVerdict.Reject }).ResponseAsync));
        Assert.Equal("verdict REQUIRED", await TestStatus.ViolationOf(() => PendingOf(second).ReviewPendingChangeAsync(new() { Name = asked.PendingChange }).ResponseAsync));
        await RejectAsync(second, asked.PendingChange);

        var told = await HeardAsync(NoticeKind.ChangeRejected, asked.PendingChange);
        Assert.Equal(("not now", false), (told.Text, told.ToAct));
        Assert.True((await HeardAsync(NoticeKind.ChangeProposed, asked.PendingChange)).ToAct);
        Assert.Equal((StatusCode.NotFound, "GRANT_NOT_FOUND"), await TestStatus.RefusalOf(() => AcceptAsync(hub.RoadSteward, asked)));
    }

    private static Protos.V1.Field OfHotline(string name, int number, Level level)
    {
        var field = Field(name, number, sharing: SharingClass.Conditional);
        (field.Owner, field.Level) = (new OwnerRule { Department = "departments/hotline" }, level);
        return field;
    }

    private static PendingChangesService.PendingChangesServiceClient PendingOf(TestClient client) => new(client.Invoker);

    private static Task<PendingChange> ReviewAsync(TestClient by, string name) =>
        PendingOf(by).ReviewPendingChangeAsync(new ReviewPendingChangeRequest { Name = name, Verdict = ReviewVerdict.Approve }).ResponseAsync;

    private static async Task RejectAsync(TestClient by, string name) =>
        await PendingOf(by).ReviewPendingChangeAsync(new ReviewPendingChangeRequest { Name = name, Verdict = ReviewVerdict.Reject, Reason = "not now" });

    private static string Text((StatusCode Code, string Reason) refusal) => $"{refusal.Code} {refusal.Reason}";

    private Grant Offer(params string[] fields) => new()
    {
        Reader = "departments/roads",
        Resource = $"resources/{resource}",
        Fields = { fields },
        Purposes = { Purpose.Regulation },
        Agreement = "departments/hotline/agreements/reading",
        ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(30)),
    };

    private Task<SharingList> ListOfHotlineAsync(string field, Level level, SharingClass sharing, string etag) => CatalogOf(hub.HotlineSteward).UpdateSharingListAsync(new UpdateSharingListRequest
    {
        SharingList = new SharingList
        {
            Name = $"departments/hotline/sharingLists/{resource}",
            Etag = etag,
            Entries =
            {
                new SharingEntry
                {
                    Field = field, Level = level, SharingClass = sharing, Condition = sharing is SharingClass.Conditional ? "ask" : "", OpenClass = OpenClass.NotOpen, OpenBasis = Because,
                    Basis = sharing is SharingClass.NotShared ? Because : null,
                },
            },
        },
    }).ResponseAsync;

    private async Task<IReadOnlyList<PendingChange>> ListAsync() =>
        [.. (await PendingOf(second).ListPendingChangesAsync(new ListPendingChangesRequest { Parent = "departments/hotline", PageSize = 500 })).PendingChanges.Where(change => change.Fields[0].Contains(resource, StringComparison.Ordinal))];

    private async Task<PendingChange> WaitingAsync() => Assert.Single(await ListAsync());

    private async Task<IReadOnlyList<string>> RowsAsync() =>
        [.. (await new PolicyService.PolicyServiceClient(second.Invoker).ListPolicyRowsAsync(new ListPolicyRowsRequest { PageSize = 500 })).Rows.Select(row => row.Name)];

    private async Task<Notice> HeardAsync(NoticeKind kind, string change)
    {
        using var call = InboxOf(second).FollowInbox(new FollowInboxRequest { Parent = "departments/hotline", AfterPosition = 0 });
        while (true)
        {
            if ((await NextNoticesAsync(call)).Notices.FirstOrDefault(notice => notice.Kind == kind && notice.Subject == change) is { } heard)
            {
                return heard;
            }
        }
    }
}
