using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Google.Rpc;
using Grpc.Core;
using static Exchange.Server.Tests.Governance.GovernanceHub;

namespace Exchange.Server.Tests.Identity.Registry;

public sealed class IdentityServiceTests(GovernanceHub hub) : IClassFixture<GovernanceHub>
{
    [Fact]
    public async Task A_secret_is_shown_once_and_only_its_hash_is_kept()
    {
        var created = await CreateAsync("roads", "road-trial", ClientAuthentication.ClientSecret);

        var listed = (await IdentityOf(hub.Roads).ListClientsAsync(new ListClientsRequest { Parent = "departments/roads" })).Clients;

        Assert.True(created.ClientSecret.Length >= 43);
        Assert.Contains(created.Client, listed);
        Assert.DoesNotContain(created.ClientSecret, listed.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("pbkdf2", listed.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disabled_client_is_refused_from_the_next_request_on()
    {
        var client = await hub.It.RegisterAsync("roads", "road-short-lived");
        await DepartmentsOf(client).ListDepartmentsAsync(new ListDepartmentsRequest());

        var disabled = await IdentityOf(hub.It.Operator).DisableClientAsync(new DisableClientRequest { Name = "departments/roads/clients/road-short-lived" });
        var again = await IdentityOf(hub.It.Operator).DisableClientAsync(new DisableClientRequest { Name = "departments/roads/clients/road-short-lived" });

        Assert.NotNull(disabled.DisableTime);
        Assert.Equal(disabled, again);
        Assert.Equal(
            (StatusCode.Unauthenticated, "CLIENT_DISABLED"),
            await TestStatus.RefusalOf(async () => await DepartmentsOf(client).ListDepartmentsAsync(new ListDepartmentsRequest())));
    }

    [Fact]
    public async Task A_client_id_is_unique_in_the_hub()
    {
        await CreateAsync("roads", "only-one", ClientAuthentication.ClientSecret);

        Assert.Equal(
            (StatusCode.AlreadyExists, "CLIENT_EXISTS"),
            await TestStatus.RefusalOf(() => CreateAsync("hotline", "only-one", ClientAuthentication.ClientSecret)));
    }

    [Fact]
    public async Task Every_bad_part_of_a_client_comes_in_one_answer()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(async () => await IdentityOf(hub.It.Operator).CreateClientAsync(new CreateClientRequest
        {
            Parent = "departments/roads", ClientId = "X", Client = new Client { Authentication = ClientAuthentication.PrivateKeyJwt, Jwks = "{}" },
        }));

        Assert.Equal(["client_id", "client.role", "client.jwks"], exception.Detail<BadRequest>()!.FieldViolations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task Only_the_operator_registers_and_others_see_their_own_clients()
    {
        Assert.Equal(
            (StatusCode.PermissionDenied, "ROLE_REQUIRED"),
            await TestStatus.RefusalOf(() => CreateAsync("roads", "sneaky", ClientAuthentication.ClientSecret, by: hub.RoadSteward)));
        Assert.Equal(
            (StatusCode.PermissionDenied, "NOT_OWN_DEPARTMENT"),
            await TestStatus.RefusalOf(async () => await IdentityOf(hub.Roads).ListClientsAsync(new ListClientsRequest { Parent = "departments/hotline" })));
        Assert.Equal((StatusCode.NotFound, "DEPARTMENT_NOT_FOUND"), await TestStatus.RefusalOf(() => CreateAsync("nobody", "lost", ClientAuthentication.ClientSecret)));
    }

    private Task<CreateClientResponse> CreateAsync(string department, string id, ClientAuthentication authentication, TestClient? by = null) =>
        IdentityOf(by ?? hub.It.Operator).CreateClientAsync(new CreateClientRequest
        {
            Parent = $"departments/{department}", ClientId = id, Client = new Client { Authentication = authentication, Role = Role.DepartmentSystem },
        }).ResponseAsync;
}
