using Exchange.Catalog;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Identity.Registry;

/// <summary>Turns clients into messages and back. A secret's hash never leaves in a message of the public contract.</summary>
internal static class ClientMap
{
    /// <summary>The name of a client.</summary>
    public static string NameOf(ClientRegistration client) => $"{DepartmentMap.NameOf(client.Department)}/clients/{client.Id}";

    /// <summary>The client as a message.</summary>
    public static Proto.Client ToProto(this ClientRegistration client) => new()
    {
        Name = NameOf(client),
        DisplayName = client.DisplayName,
        Authentication = (Proto.ClientAuthentication)client.Authentication,
        Jwks = client.Jwks,
        Role = (Proto.Role)client.Role,
        CreateTime = Timestamp.FromDateTimeOffset(client.CreateTime),
        DisableTime = client.DisableTime is { } disabled ? Timestamp.FromDateTimeOffset(disabled) : null,
    };

    /// <summary>The message as a client of this department and id, unchecked.</summary>
    public static ClientRegistration ToDomain(this Proto.Client client, DepartmentId department, ClientId id, string secretHash) => new()
    {
        Id = id,
        Department = department,
        DisplayName = client.DisplayName,
        Authentication = (ClientAuthentication)client.Authentication,
        Jwks = client.Jwks,
        SecretHash = secretHash,
        Role = (Role)client.Role,
    };

    /// <summary>A stored client.</summary>
    public static ClientRegistration FromStored(Proto.Client client, string secretHash)
    {
        var (department, id) = ResourceNames.Client("name", client.Name).Value;
        return client.ToDomain(department, id, secretHash) with
        {
            CreateTime = client.CreateTime.ToDateTimeOffset(),
            DisableTime = client.DisableTime?.ToDateTimeOffset(),
        };
    }
}
