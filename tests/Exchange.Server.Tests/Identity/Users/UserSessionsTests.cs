using System.Diagnostics;
using System.Net;
using Exchange.Catalog;
using Exchange.Protos.V1;
using Exchange.Server.Identity.Users;
using Exchange.Server.Tests.Grpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Role = Exchange.Protos.V1.Role;

namespace Exchange.Server.Tests.Identity.Users;

public sealed class UserSessionsTests(UserHub users) : IClassFixture<UserHub>
{
    // The promises: new calls within 5 seconds, open streams within 30.
    private static readonly TimeSpan CallsEnd = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StreamsEnd = TimeSpan.FromSeconds(30);

    private readonly TestHub hub = users.It;

    [Fact]
    public async Task A_session_that_is_ended_loses_its_tokens_here_at_once_and_calls_and_streams_on_other_nodes_soon()
    {
        await using var own = await TestHub.StartAsync("ended", EdgeHub.Settings);
        var second = await own.StartSecondNodeAsync();
        var user = await TestUser.EnrolledAsync(own, "housing", "leaver");
        var (session, other) = (await user.SignInAsync(), await user.SignInAsync(second));
        var (token, later, kept) = ((await user.TokenAsync(session))!, (await user.TokenAsync(session, second))!, (await user.TokenAsync(other))!);
        var calls = TestClient.With(second, later);
        using var stream = new EdgeTest.EdgeTestClient(calls).Down(new EdgeMessage { Text = "hang" });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));

        using var signedOut = await user.SignOutAsync(session);
        var here = await IdentityHub.AnswerAsync(TestClient.With(own, token));
        await EventuallyAsync("SESSION_ENDED", calls);
        var end = await TestStatus.RefusalOf(() => stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(StreamsEnd));
        await own.RestartAsync();

        Assert.Equal((HttpStatusCode.NoContent, "SESSION_ENDED"), (signedOut.StatusCode, here));
        Assert.Equal((StatusCode.Unauthenticated, "SESSION_ENDED"), end);
        Assert.Equal("SESSION_ENDED", await IdentityHub.AnswerAsync(TestClient.With(own, token)));
        Assert.Equal((null, null), (await user.TokenAsync(session), await user.TokenAsync(session, second)));
        Assert.Equal("OK", await IdentityHub.AnswerAsync(TestClient.With(own, kept)));
    }

    [Fact]
    public async Task A_user_who_must_enrol_again_or_is_disabled_is_refused_from_the_next_request_on()
    {
        var (reset, disabled) = (await TestUser.EnrolledAsync(hub, "housing", "reset"), await TestUser.EnrolledAsync(hub, "housing", "disabled"));
        var (session, gone) = (await reset.SignInAsync(), await disabled.SignInAsync());
        var (token, lost) = ((await reset.TokenAsync(session))!, (await disabled.TokenAsync(gone))!);
        using var stream = new EdgeTest.EdgeTestClient(TestClient.With(hub, lost)).Down(new EdgeMessage { Text = "hang" });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));

        await reset.ResetAsync();
        await disabled.DisableAsync();

        var answers = (await IdentityHub.AnswerAsync(TestClient.With(hub, token)), await IdentityHub.AnswerAsync(TestClient.With(hub, lost)));
        var end = await TestStatus.RefusalOf(() => stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(StreamsEnd));
        await reset.PassStepAsync();
        await reset.EnrolAsync();
        Assert.Equal(("SESSION_ENDED", "USER_DISABLED"), answers);
        Assert.Equal((StatusCode.Unauthenticated, "USER_DISABLED"), end);
        Assert.Equal("SESSION_ENDED", await IdentityHub.AnswerAsync(TestClient.With(hub, token)));
        Assert.Null(await reset.TokenAsync(session));
        Assert.Null(await disabled.TokenAsync(gone));
        Assert.NotNull(await reset.TokenAsync(await reset.SignInAsync()));
    }

    [Fact]
    public async Task A_session_begun_before_a_new_code_gives_no_token_even_where_ending_it_was_broken_off()
    {
        var user = await TestUser.EnrolledAsync(hub, "housing", "broken-off");
        var session = await user.SignInAsync();
        var token = (await user.TokenAsync(session))!;
        var commands = hub.Services.GetRequiredService<Exchange.Server.Governance.GovernanceCommands>();
        var operatorCaller = new Caller(new("hub-operator"), new("operator"), Exchange.Catalog.Role.Operator);
        var (_, hash) = EnrolmentCode.Create();

        // As ResetUserEnrolment does, up to where a node may die.
        await commands.ExecuteAsync(
            operatorCaller,
            Exchange.Server.Governance.GovernanceStreams.User(new(user.Id)),
            (state, now) => UserRules.ResetEnrolment(state, new("housing"), new(user.Id), hash, now),
            TestContext.Current.CancellationToken);

        Assert.Equal("SESSION_ENDED", await IdentityHub.AnswerAsync(TestClient.With(hub, token)));
        Assert.Null(await user.TokenAsync(session));
    }

    [Fact]
    public async Task A_session_ends_unused_and_when_its_time_is_over_and_so_do_its_tokens()
    {
        var user = await TestUser.EnrolledAsync(hub, "housing", "tired");
        var (idle, over, last) = (await user.SignInAsync(), await user.SignInAsync(), await user.SignInAsync());
        await SetAsync("idle_expire_time = now() - interval '1 second'", 0);
        await SetAsync("expire_time = now() - interval '1 second'", 1);
        await SetAsync("expire_time = now() + interval '20 seconds'", 2);

        using var token = await user.PostTokenAsync(last);

        Assert.Equal((null, null), (await user.TokenAsync(idle), await user.TokenAsync(over)));
        Assert.InRange((await TestUser.ReadAsync(token)).GetProperty("expires_in").GetInt32(), 1, 20);

        Task SetAsync(string change, int offset) => TestUser.ExecuteAsync(
            hub, $"UPDATE identity.session SET {change} WHERE sid = (SELECT sid FROM identity.session WHERE user_id = 'tired' ORDER BY create_time OFFSET {offset} LIMIT 1)");
    }

    [Fact]
    public async Task A_token_does_not_outlive_a_session_that_is_not_used()
    {
        await using var own = await TestHub.StartAsync("idle", new TestHubSettings { Options = options => options with { SessionIdle = TimeSpan.FromMinutes(2) } });
        var user = await TestUser.EnrolledAsync(own, "housing", "idle");

        using var token = await user.PostTokenAsync(await user.SignInAsync());

        Assert.Equal(120, (await TestUser.ReadAsync(token)).GetProperty("expires_in").GetInt32());
    }

    [Fact]
    public async Task A_session_that_is_used_goes_on_and_its_times_are_those_of_the_settings()
    {
        var user = await TestUser.EnrolledAsync(hub, "housing", "busy");
        var session = await user.SignInAsync();
        await TestUser.ExecuteAsync(hub, "UPDATE identity.session SET idle_expire_time = now() + interval '30 seconds' WHERE user_id = 'busy'");
        await user.TokenAsync(session);

        var listed = Assert.Single(await ListAsync(hub.Operator.Invoker, user));

        Assert.Equal(TimeSpan.FromHours(12), listed.ExpireTime.ToDateTimeOffset() - listed.CreateTime.ToDateTimeOffset());
        Assert.True(listed.UseTime > listed.CreateTime);
        await TestUser.ExecuteAsync(hub, "UPDATE identity.session SET idle_expire_time = idle_expire_time - interval '29 minutes' WHERE user_id = 'busy'");
        Assert.NotNull(await user.TokenAsync(session));
    }

    [Fact]
    public async Task Operators_and_the_user_itself_see_and_end_sessions_others_do_not()
    {
        var (user, stranger) = (await TestUser.EnrolledAsync(hub, "housing", "self"), await TestUser.EnrolledAsync(hub, "housing", "stranger", Role.Auditor));
        var sessions = new[] { await user.SignInAsync(), await user.SignInAsync(), await user.SignInAsync() };
        var self = TestClient.With(hub, (await user.TokenAsync(sessions[2]))!);
        var listed = await ListAsync(self, user);

        var one = await EndAsync(self, listed[0].Name);
        var again = await EndAsync(self, listed[0].Name);
        var other = await stranger.CallsAsync();
        var refusals = new[]
        {
            await TestStatus.RefusalOf(() => ListAsync(other, user)),
            await TestStatus.RefusalOf(() => EndAsync(other, user.Name)),
            await TestStatus.RefusalOf(() => EndAsync(other, "departments/housing/users/nobody")),
        };
        var rest = await EndAsync(hub.Operator.Invoker, user.Name);

        Assert.Equal(3, listed.Count);
        Assert.All(listed, session => Assert.StartsWith(user.Name + "/sessions/1-", session.Name));
        Assert.Equal((1, 0, 2), (one, again, rest));
        Assert.All(refusals, refusal => Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), refusal));
        Assert.Equal("SESSION_ENDED", await IdentityHub.AnswerAsync(self));
        Assert.Equal((StatusCode.NotFound, "USER_NOT_FOUND"), await TestStatus.RefusalOf(() => EndAsync(hub.Operator.Invoker, "departments/housing/users/nobody")));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => EndAsync(hub.Operator.Invoker, user.Name + "/sessions/x")));
    }

    [Fact]
    public async Task A_user_has_twenty_sessions_and_the_oldest_ends_for_one_more()
    {
        var user = await TestUser.EnrolledAsync(hub, "housing", "many");
        var first = await user.SignInAsync();
        var token = (await user.TokenAsync(first))!;
        var sessions = hub.Services.GetRequiredService<UserSessions>();
        var registered = hub.Services.GetRequiredService<UserDirectory>().Find(new("many"))!;
        for (var i = 1; i < UserSessions.MostOfUser; i++)
        {
            await sessions.BeginAsync(registered, TestContext.Current.CancellationToken);
        }

        Assert.Equal("OK", await IdentityHub.AnswerAsync(TestClient.With(hub, token)));
        var (last, _) = await sessions.BeginAsync(registered, TestContext.Current.CancellationToken);

        Assert.Equal("SESSION_ENDED", await IdentityHub.AnswerAsync(TestClient.With(hub, token)));
        Assert.Equal(UserSessions.MostOfUser, (await ListAsync(hub.Operator.Invoker, user)).Count);
        Assert.NotNull(await user.TokenAsync(last));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task What_is_no_session_gets_nothing(string? text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/session/token", UriKind.Relative));
        if (text is not null)
        {
            request.Headers.TryAddWithoutValidation("authorization", "Bearer " + text);
        }

        using var response = await hub.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("invalid_session", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task EventuallyAsync(string expected, CallInvoker calls)
    {
        var began = Stopwatch.StartNew();
        string reason;
        while ((reason = await IdentityHub.AnswerAsync(calls)) != expected && began.Elapsed < CallsEnd)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Equal(expected, reason);
    }

    private static async Task<IReadOnlyList<Protos.V1.UserSession>> ListAsync(CallInvoker calls, TestUser user) =>
        (await new IdentityService.IdentityServiceClient(calls).ListUserSessionsAsync(new ListUserSessionsRequest { Parent = user.Name })).UserSessions;

    private static async Task<int> EndAsync(CallInvoker calls, string name) =>
        (await new IdentityService.IdentityServiceClient(calls).EndUserSessionsAsync(new EndUserSessionsRequest { Name = name })).EndedCount;
}
