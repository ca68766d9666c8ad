using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Matrix;

/// <summary>Clients, users and signing keys: the operator's, with little to see for others.</summary>
internal static class IdentityRows
{
    private const string Spare = "departments/owner/clients/owner-spare";
    private const string User = "departments/owner/users/owner-user";
    private const string OperatorAlone = "OK ROLE | ROLE ROLE ROLE ROLE ROLE | ROLE ROLE ROLE";
    private const string Overseers = "OK OK | ROLE ROLE ROLE ROLE ROLE | ROLE ROLE ROLE";

    //                                  operator auditor | stewards: owner reader stranger authority supervision | systems: owner reader stranger
    public static MatrixRow[] All { get; } =
    [
        new("IdentityService.CreateClient", "a new one of the owner",
            city => new CreateClientRequest { Parent = "departments/owner", ClientId = city.Fresh(), Client = new Client { Authentication = ClientAuthentication.ClientSecret, Role = Role.DepartmentSystem } }, OperatorAlone),
        new("IdentityService.ListClients", "of the owner", _ => new ListClientsRequest { Parent = "departments/owner" }, "OK OK | OK OWN OWN OWN OWN | OK OWN OWN"),
        new("IdentityService.AddClientKey", "of a client of the owner, again", city => new AddClientKeyRequest { Parent = Spare, Key = city.SpareKey }, OperatorAlone),
        new("IdentityService.RemoveClientKey", "of a client of the owner that is not there: the right is asked first",
            _ => new RemoveClientKeyRequest { Name = "departments/owner/clients/absent/keys/" + new string('a', 43) },
            "NO_CLIENT ROLE | ROLE ROLE ROLE ROLE ROLE | ROLE ROLE ROLE"),
        new("IdentityService.DisableClient", "of the owner, again", _ => new DisableClientRequest { Name = "departments/owner/clients/owner-disabled" }, OperatorAlone),
        new("IdentityService.RotateSigningKey", "the hub's", _ => new RotateSigningKeyRequest(), OperatorAlone),
        new("IdentityService.ListSigningKeys", "the hub's", _ => new ListSigningKeysRequest(), Overseers),
        new("IdentityService.CreateUser", "a new one of the owner",
            city => new CreateUserRequest { Parent = "departments/owner", UserId = city.Fresh(), User = new User { Role = Role.Steward, DisplayName = "An office" } }, OperatorAlone),
        new("IdentityService.ListUsers", "of the owner", _ => new ListUsersRequest { Parent = "departments/owner" }, Overseers),
        new("IdentityService.ResetUserEnrolment", "of the owner", _ => new ResetUserEnrolmentRequest { Name = User }, OperatorAlone),
        new("IdentityService.ListUserSessions", "of a user of the owner", _ => new ListUserSessionsRequest { Parent = User }, OperatorAlone),
        new("IdentityService.EndUserSessions", "of a user of the owner", _ => new EndUserSessionsRequest { Name = User }, OperatorAlone),
        new("IdentityService.DisableUser", "of the owner, absent: the right is asked first", _ => new DisableUserRequest { Name = "departments/owner/users/absent-user" },
            "NO_USER ROLE | ROLE ROLE ROLE ROLE ROLE | ROLE ROLE ROLE"),
    ];
}
