using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json;
using Exchange.EventStore.Appending;
using Exchange.Protos.V1;
using Exchange.Server.Identity.Users;
using Exchange.Server.Tests.Governance;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Exchange.Server.Tests.Identity.Users;

public sealed class UserSignInTests(UserHub users) : IClassFixture<UserHub>
{
    private readonly TestHub hub = users.It;

    [Fact]
    public async Task A_person_enrols_signs_in_acts_and_signs_out()
    {
        var user = await TestUser.CreateAsync(hub, "housing", "wang-li");
        using var begun = await user.BeginEnrolmentAsync();
        var told = await TestUser.ReadAsync(begun);
        await user.EnrolAsync();
        var session = await user.SignInAsync();
        var token = await user.TokenAsync(session);
        await new ResourceDraftsService.ResourceDraftsServiceClient(TestClient.With(hub, token!)).SaveResourceDraftAsync(new SaveResourceDraftRequest
        {
            Resource = GovernanceHub.Resource("repairs", GovernanceHub.Field("title", 1)).With(resource => resource.Department = "departments/housing"),
        });
        using var signedOut = await user.SignOutAsync(session);
        using var again = await user.SignOutAsync(session);

        Assert.StartsWith("otpauth://totp/DataExchange:wang-li?secret=" + told.GetProperty("totp_secret").GetString() + "&issuer=DataExchange", told.GetProperty("otpauth_uri").GetString());
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Unauthorized), (signedOut.StatusCode, again.StatusCode));
        Assert.Equal("SESSION_ENDED", await ReasonAsync(token!));
        Assert.Null(await user.TokenAsync(session));
        Assert.Contains(("resource-draft-saved", "users/wang-li"), (await EventsAsync()).Select(e => (e.Type, e.Client)));
        Assert.Contains(("user-enrolled", "users/wang-li"), (await EventsAsync()).Select(e => (e.Type, e.Client)));
    }

    [Fact]
    public async Task Whatever_is_wrong_is_answered_alike()
    {
        var user = await TestUser.EnrolledAsync(hub, "housing", "right");
        var fresh = await TestUser.CreateAsync(hub, "housing", "fresh");
        await fresh.ReadSecretAsync();
        var disabled = await TestUser.EnrolledAsync(hub, "housing", "disabled");
        await disabled.DisableAsync();
        var reset = await TestUser.EnrolledAsync(hub, "housing", "reset");
        await reset.ResetAsync();
        var locked = await TestUser.EnrolledAsync(hub, "housing", "locked");
        await locked.PassStepAsync();
        await TestUser.ExecuteAsync(hub, "UPDATE identity.sign_in SET locked_until = now() + interval '5 minutes' WHERE user_id = 'locked'");

        await user.PassStepAsync();
        var code = user.Code();
        using var first = await user.PostSignInAsync(code: code);
        HttpResponseMessage[] refused =
        [
            await user.PostSignInAsync(code: code),
            await user.PostSignInAsync(password: "correct horse batterx"),
            await user.PostSignInAsync(code: Wrong(user)),
            await user.PostSignInAsync(code: "12345a"),
            await user.PostSignInAsync(code: user.Code(steps: -3)),
            await fresh.PostSignInAsync(),
            await disabled.PostSignInAsync(),
            await reset.PostSignInAsync(),
            await locked.PostSignInAsync(),
            await TestUser.PostAsync(hub, "/session", new { user = "nobody", password = TestUser.Password, code = "123456" }),
            await TestUser.PostAsync(hub, "/session", new { user = "right ", password = TestUser.Password, code = user.Code() }),
            await fresh.BeginEnrolmentAsync("AAAAA-BBBBB-CCCCC-DDDDD-EEEEE"),
            await disabled.BeginEnrolmentAsync(),
            await user.BeginEnrolmentAsync(),
            await TestUser.PostAsync(hub, "/session/enrolment", new { user = "nobody", enrolment_code = fresh.EnrolmentCode }),
            await fresh.CompleteEnrolmentAsync(code: Wrong(fresh)),
            await fresh.CompleteEnrolmentAsync(enrolmentCode: "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE"),
        ];
        await user.ForgiveAsync();
        using var right = await user.PostSignInAsync();

        var answers = new List<string>();
        foreach (var response in refused)
        {
            answers.Add($"{(int)response.StatusCode} {response.Headers.WwwAuthenticate} {response.Headers.CacheControl} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
            response.Dispose();
        }

        Assert.StartsWith("401 Bearer realm=\"dataexchange\" no-store {\"error\":\"invalid_credentials\"", Assert.Single(answers.Distinct()));
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.StatusCode, right.StatusCode));
    }

    [Fact]
    public async Task A_code_lets_in_once_also_at_two_nodes_at_once()
    {
        var second = await hub.StartSecondNodeAsync();
        var user = await TestUser.CreateAsync(hub, "housing", "twice");
        await user.ReadSecretAsync();
        var code = user.Code();
        using var enrolled = await user.CompleteEnrolmentAsync(code);
        using var enrolledWith = await user.PostSignInAsync(code: code);
        await user.PassStepAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => user.PostSignInAsync(code: code, node: i % 2 is 0 ? hub : second)));
        using var older = await user.PostSignInAsync(code: user.Code(steps: -1));

        await user.ForgiveAsync();
        using var forgotten = await user.PostSignInAsync(code: code);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Unauthorized), (enrolled.StatusCode, enrolledWith.StatusCode));
        Assert.True(forgotten.StatusCode is HttpStatusCode.Created, "the control: a hub that forgets which codes were used takes this one again");
        Assert.Single(answers, answer => answer.StatusCode is HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.Unauthorized, older.StatusCode);
        Assert.All(answers, answer => answer.Dispose());
    }

    [Fact]
    public async Task An_enrolment_code_is_good_once_and_as_people_type_it()
    {
        var user = await TestUser.CreateAsync(hub, "housing", "typist");
        using var typed = await user.BeginEnrolmentAsync(user.EnrolmentCode.ToLowerInvariant().Replace("-", " "));
        await user.ReadSecretAsync();
        using var weak = await user.CompleteEnrolmentAsync(password: "too short");

        using var enrolled = await user.CompleteEnrolmentAsync();
        await user.PassStepAsync();
        using var again = await user.CompleteEnrolmentAsync(password: "another password");

        Assert.Matches("^([A-Z2-7]{5}-){4}[A-Z2-7]{5}$", user.EnrolmentCode);
        Assert.Equal(HttpStatusCode.OK, typed.StatusCode);
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.NoContent, HttpStatusCode.Unauthorized), (weak.StatusCode, enrolled.StatusCode, again.StatusCode));
        Assert.Contains("12 to 256", await weak.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.NotEmpty(await user.SignInAsync());
    }

    [Fact]
    public async Task When_it_is_not_known_whether_the_log_has_it_the_answer_is_to_try_again()
    {
        var user = await TestUser.CreateAsync(hub, "housing", "doubtful");
        var http = new DefaultHttpContext { RequestServices = hub.Services };
        http.Request.Method = HttpMethods.Post;
        http.Request.ContentType = "application/json";
        http.Request.Body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(new { user = user.Id, enrolment_code = user.EnrolmentCode }));

        await ActivatorUtilities.CreateInstance<SessionEndpoint>(hub.Services, ActivatorUtilities.CreateInstance<UserEnrolment>(hub.Services, new DoubtfulTime())).HandleEnrolmentAsync(http);

        Assert.Equal(503, http.Response.StatusCode);
    }

    [Fact]
    public async Task Who_had_the_enrolment_code_before_does_not_know_the_second_factor_that_the_user_enrols_with()
    {
        var user = await TestUser.CreateAsync(hub, "housing", "watched");
        await user.ReadSecretAsync();
        var copied = user.Secret;
        await user.ReadSecretAsync();

        using var byCopy = await user.CompleteEnrolmentAsync(code: new OtpNet.Totp(copied).ComputeTotp());
        using var otherSalt = await user.CompleteEnrolmentAsync(otherSalt: TotpSecrets.NewSalt());
        using var noSalt = await user.CompleteEnrolmentAsync(otherSalt: "none");
        using var enrolled = await user.CompleteEnrolmentAsync();
        await user.PassStepAsync();
        using var signedIn = await user.PostSignInAsync(code: new OtpNet.Totp(copied).ComputeTotp());

        Assert.NotEqual(copied, user.Secret);
        Assert.All([byCopy, otherSalt, noSalt, signedIn], refused => Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode));
        Assert.Equal(HttpStatusCode.NoContent, enrolled.StatusCode);
    }

    [Fact]
    public async Task An_enrolment_code_that_is_a_day_old_is_refused_like_a_wrong_one()
    {
        var time = new LateTime();
        await using var late = await TestHub.StartAsync("late", new TestHubSettings { Add = services => services.AddSingleton<TimeProvider>(time) });
        var user = await TestUser.CreateAsync(late, "housing", "slow");
        await user.ReadSecretAsync();

        time.Late = TimeSpan.FromHours(24);
        using var begun = await user.BeginEnrolmentAsync();
        using var completed = await user.CompleteEnrolmentAsync();
        time.Late = TimeSpan.Zero;
        using var inTime = await user.BeginEnrolmentAsync();

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.OK), (begun.StatusCode, completed.StatusCode, inTime.StatusCode));
    }

    [Fact]
    public async Task A_password_is_stored_as_a_hash_that_takes_long()
    {
        using var passwords = new UserPasswords();
        var hash = Convert.FromBase64String(await HashAsync());
        var user = new Exchange.Catalog.User { Id = new("x"), Department = new("x"), Role = Exchange.Catalog.Role.Steward, PasswordHash = Convert.ToBase64String(hash) };

        // Version 3 of ASP.NET Core's hasher: 1, the PRF (2 is HMAC-SHA-512), iterations, salt.
        Assert.Equal((1, 2u, 210_000u), (hash[0], BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(1)), BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(5))));
        Assert.Equal((true, false, false), (await VerifyAsync(user, TestUser.Password), await VerifyAsync(user, "correct horse batterx"), await VerifyAsync(null, TestUser.Password)));

        async Task<string> HashAsync()
        {
            using var turn = await passwords.TakeTurnAsync(TestContext.Current.CancellationToken);
            return await turn!.HashAsync(TestUser.Password);
        }

        async Task<bool> VerifyAsync(Exchange.Catalog.User? of, string password)
        {
            using var turn = await passwords.TakeTurnAsync(TestContext.Current.CancellationToken);
            return await turn!.VerifyAsync(of, password);
        }
    }

    [Fact]
    public async Task Two_who_have_the_code_enrol_the_user_once()
    {
        var user = await TestUser.CreateAsync(hub, "housing", "raced");
        await user.ReadSecretAsync();

        var answers = await Task.WhenAll(
            user.CompleteEnrolmentAsync(user.Code(steps: -1), password: "the first password"),
            user.CompleteEnrolmentAsync(user.Code(), password: "the other password"));

        Assert.Single(answers, answer => answer.StatusCode is HttpStatusCode.NoContent);
        Assert.All(answers, answer => answer.Dispose());
    }

    [Theory]
    [InlineData("/session", "application/json", "{}")]
    [InlineData("/session", "application/json", "nonsense")]
    [InlineData("/session", "application/json", """{"user":"a","password":"b","code":"c","more":"d"}""")]
    [InlineData("/session", "application/json", """{"user":"a","password":"b","code":123456}""")]
    [InlineData("/session", "application/json", """{"user":"a","user":"b","password":"b","code":"c"}""")]
    [InlineData("/session", "application/json", """{"user":"","password":"b","code":"c"}""")]
    [InlineData("/session", "application/x-www-form-urlencoded", "user=a&password=b&code=c")]
    [InlineData("/session/enrolment", "text/plain", """{"user":"a","enrolment_code":"b"}""")]
    [InlineData("/session/enrolment/complete", "application/json", """{"user":"a","enrolment_code":"b"}""")]
    public async Task What_is_no_request_is_told_so(string path, string type, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var response = await hub.Http.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("invalid_request", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Large_bodies_and_other_methods_are_refused()
    {
        using var large = new StringContent($$"""{"user":"{{new string('a', 5000)}}","password":"b","code":"c"}""", Encoding.UTF8, "application/json");
        using var refused = await hub.Http.PostAsync(new Uri("/session", UriKind.Relative), large, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        foreach (var path in new[] { "/session", "/session/token", "/session/enrolment", "/session/enrolment/complete" })
        {
            using var got = await hub.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, got.StatusCode);
        }
    }

    [Fact]
    public async Task Somebody_who_only_guesses_is_slowed_down_by_address()
    {
        await using var guessed = await TestHub.StartAsync("guessed");
        HttpStatusCode answer = default;
        for (var i = 0; i < 120 && answer is not HttpStatusCode.TooManyRequests; i++)
        {
            using var response = await TestUser.PostAsync(guessed, "/session/enrolment", new { user = "nobody", enrolment_code = "guess" });
            answer = response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, answer);
    }

    [Fact]
    public async Task Neither_password_nor_code_nor_session_stands_in_the_logs()
    {
        var user = await TestUser.EnrolledAsync(hub, "housing", "discreet");
        var session = await user.SignInAsync();
        using var wrong = await user.PostSignInAsync(password: "wrong password 1");
        var token = await user.TokenAsync(session);
        var events = await EventsAsync();

        var shown = string.Join('\n', hub.Log.Lines) + string.Join('\n', events);
        Assert.Contains("user-enrolled", shown);
        Assert.Contains("user discreet of department housing signed in", shown);
        Assert.All([TestUser.Password, "wrong password 1", user.EnrolmentCode, session, token!], secret => Assert.DoesNotContain(secret, shown));
        Assert.DoesNotContain(events.Select(e => e.PayloadJson), payload => payload.Contains("passwordHash") || payload.Contains("sealedTotpSecret") || payload.Contains("enrolmentCodeHash"));
    }

    private static string Wrong(TestUser user) => user.Code()[0] is '9' ? '0' + user.Code()[1..] : (char)(user.Code()[0] + 1) + user.Code()[1..];

    private async Task<IReadOnlyList<LogEvent>> EventsAsync() =>
        (await new AuditService.AuditServiceClient(hub.Operator.Invoker).ListEventsAsync(new ListEventsRequest { Partition = 1000, PageSize = 500 })).Events;

    private async Task<string> ReasonAsync(string token) =>
        (await TestStatus.RefusalOf(async () => await new DepartmentsService.DepartmentsServiceClient(TestClient.With(hub, token)).ListDepartmentsAsync(new ListDepartmentsRequest()))).Reason;

    private sealed class LateTime : TimeProvider
    {
        public TimeSpan Late { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Late;
    }

    // Stands for a commit whose answer is lost.
    private sealed class DoubtfulTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => throw new AppendInDoubtException("", null);
    }
}
