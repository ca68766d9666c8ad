using Exchange.Protos.V1;
using Grpc.Core;
using static Exchange.Server.Tests.Governance.GovernanceHub;

namespace Exchange.Server.Tests.Identity.Users;

/// <summary>Users' and clients' tokens beside each other, and what roles keep people from.</summary>
public sealed class UserTokenTests(IdentityHub identity)
{
    [Fact]
    public async Task A_user_s_token_is_good_as_it_is_and_no_other_way()
    {
        var (hub, client) = await identity.StartedAsync();
        var user = await TestUser.EnrolledAsync(hub, "housing", "tokened");
        var other = await TestUser.EnrolledAsync(hub, "housing", "tokened-too");
        await other.SignInAsync();
        var token = (await user.TokenAsync(await user.SignInAsync()))!;
        var good = ForgedToken.Parse(token, identity.SigningKey);
        var ofClient = ForgedToken.Parse(client.AccessToken, identity.SigningKey);

        Assert.Equal("OK", await identity.AnswerAsync(token));
        Assert.Equal(("users/tokened", "users/tokened", "steward"), (Claim(good, "sub"), Claim(good, "client_id"), Claim(good, "role")));
        ForgedToken[] bad =
        [
            good.WithClaim("sid", null),
            good.WithClaim("sid", ""),
            good.WithClaim("sid", "x"),
            good.WithClaim("sid", 1),
            good.WithClaim("role", "operator"),
            good.WithClaim("role", "department-system"),
            good.WithClaim("department", "water"),
            good.WithClaim("sub", "tokened").WithClaim("client_id", "tokened"),
            good.WithClaim("sub", client.Id.Value).WithClaim("client_id", client.Id.Value),
            good.WithClaim("sub", "users/nobody").WithClaim("client_id", "users/nobody"),
            good.WithClaim("sub", "users/Tokened").WithClaim("client_id", "users/Tokened"),
            ofClient.WithClaim("sid", Claim(good, "sid")),
            ofClient.WithClaim("sub", "users/tokened").WithClaim("client_id", "users/tokened"),
        ];
        foreach (var forged in bad)
        {
            Assert.Equal("TOKEN_INVALID", await identity.AnswerAsync(forged.ToString()));
        }

        Assert.Equal("SESSION_ENDED", await identity.AnswerAsync(good.WithClaim("sid", "2-00000000000000000000000000000000").ToString()));
    }

    [Fact]
    public async Task A_user_s_name_gets_no_token_as_a_client_and_a_client_s_no_session()
    {
        var (hub, client) = await identity.StartedAsync();
        var user = await TestUser.EnrolledAsync(hub, "housing", "no-client");
        var credentials = new Microsoft.IdentityModel.Tokens.SigningCredentials(
            new Microsoft.IdentityModel.Tokens.ECDsaSecurityKey(client.Key), Microsoft.IdentityModel.Tokens.SecurityAlgorithms.EcdsaSha256);
        using var asserted = await TestClient.RequestAsync(hub, TestClient.Assertion(hub, "users/no-client", credentials));
        using var named = await TestClient.RequestAsync(hub, TestClient.Assertion(hub, "no-client", credentials));
        using var session = await user.PostTokenAsync(client.AccessToken);
        using var introspected = await client.PostTokenAsync(hub, "introspect", (await user.TokenAsync(await user.SignInAsync()))!);

        Assert.All([asserted, named, session], answer => Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode));
        Assert.Equal("""{"active":false}""", await introspected.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task No_person_reads_or_pushes_records_and_an_operator_keeps_no_sharing_list()
    {
        var (hub, _) = await identity.StartedAsync();
        foreach (var role in new[] { Role.Operator, Role.Steward, Role.Auditor })
        {
            var user = await TestUser.EnrolledAsync(hub, "housing", $"reads-nothing-{role}".ToLowerInvariant(), role);
            var calls = await user.CallsAsync();
            var records = new RecordsService.RecordsServiceClient(calls);
            using var pull = records.Pull(new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Analysis });

            Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => pull.ResponseStream.MoveNext(CancellationToken.None)));
            Assert.Equal(
                (StatusCode.PermissionDenied, "ROLE_REQUIRED"),
                await TestStatus.RefusalOf(async () => await records.GetRecordAsync(new GetRecordRequest { Name = $"resources/complaint/records/{Guid.NewGuid()}", Purpose = Purpose.Analysis })));
            Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(async () => await records.PushBatchAsync(new PushBatchRequest())));
        }

        var operators = await TestUser.EnrolledAsync(hub, "housing", "keeps-nothing", Role.Operator);
        var catalog = new CatalogService.CatalogServiceClient(await operators.CallsAsync());
        Assert.Equal(
            (StatusCode.PermissionDenied, "ROLE_REQUIRED"),
            await TestStatus.RefusalOf(async () => await catalog.UpdateSharingListAsync(new UpdateSharingListRequest { SharingList = new SharingList { Name = "departments/housing/sharingLists/complaint" } })));
    }

    [Fact]
    public async Task A_user_has_one_role_for_good_and_only_operators_make_users()
    {
        var (hub, client) = await identity.StartedAsync();
        var steward = await TestUser.EnrolledAsync(hub, "housing", "one-role");
        var asSteward = new IdentityService.IdentityServiceClient(await steward.CallsAsync());
        var asOperator = IdentityOf(hub.Operator);

        Assert.Equal((StatusCode.AlreadyExists, "USER_EXISTS"), await TestStatus.RefusalOf(() => CreateAsync(asOperator, "one-role", Role.Auditor)));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => CreateAsync(asOperator, "machine", Role.DepartmentSystem)));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => CreateAsync(asSteward, "friend", Role.Operator)));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(async () => await asSteward.ListUsersAsync(new ListUsersRequest { Parent = "departments/housing" })));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(async () => await asSteward.DisableUserAsync(new DisableUserRequest { Name = steward.Name })));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(async () => await asSteward.ResetUserEnrolmentAsync(new ResetUserEnrolmentRequest { Name = steward.Name })));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => CreateAsync(IdentityOf(client), "friend", Role.Steward)));
    }

    [Fact]
    public async Task An_operator_who_is_a_person_makes_users_and_lists_them_without_their_secrets()
    {
        var (hub, _) = await identity.StartedAsync();
        await hub.RegisterDepartmentAsync("listed");
        var person = new IdentityService.IdentityServiceClient(await (await TestUser.EnrolledAsync(hub, "housing", "people-person", Role.Operator)).CallsAsync());
        foreach (var id in new[] { "first", "second", "third" })
        {
            await CreateAsync(person, $"listed-{id}", Role.Steward, "listed");
        }

        var page = await person.ListUsersAsync(new ListUsersRequest { Parent = "departments/listed", PageSize = 2 });
        var rest = await person.ListUsersAsync(new ListUsersRequest { Parent = "departments/listed", PageSize = 2, PageToken = page.NextPageToken });
        var disabled = await person.DisableUserAsync(new DisableUserRequest { Name = "departments/listed/users/listed-first" });
        var again = await person.DisableUserAsync(new DisableUserRequest { Name = "departments/listed/users/listed-first" });

        Assert.Equal(["listed-first", "listed-second", "listed-third"], page.Users.Concat(rest.Users).Select(user => user.Name.Split('/')[3]));
        Assert.All(page.Users, user => Assert.Equal(TimeSpan.FromHours(24), user.EnrolmentExpireTime.ToDateTimeOffset() - user.CreateTime.ToDateTimeOffset()));
        Assert.Equal("", rest.NextPageToken);
        Assert.NotNull(disabled.DisableTime);
        Assert.Equal(disabled, again);
        Assert.Equal(
            (StatusCode.FailedPrecondition, "USER_DISABLED"),
            await TestStatus.RefusalOf(async () => await person.ResetUserEnrolmentAsync(new ResetUserEnrolmentRequest { Name = disabled.Name })));
        Assert.Equal((StatusCode.NotFound, "DEPARTMENT_NOT_FOUND"), await TestStatus.RefusalOf(() => CreateAsync(person, "lost", Role.Steward, "nobody")));
        Assert.Equal(
            (StatusCode.NotFound, "USER_NOT_FOUND"),
            await TestStatus.RefusalOf(async () => await person.DisableUserAsync(new DisableUserRequest { Name = "departments/housing/users/listed-second" })));
    }

    private static string Claim(ForgedToken token, string name) => token.Claims[name]!.ToString()!;

    private static Task<CreateUserResponse> CreateAsync(IdentityService.IdentityServiceClient identities, string id, Role role, string department = "housing") =>
        identities.CreateUserAsync(new CreateUserRequest { Parent = $"departments/{department}", UserId = id, User = new User { Role = role } }).ResponseAsync;
}
