using System.Collections.Immutable;
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
        Jwks = client.Authentication is ClientAuthentication.PrivateKeyJwt ? $"{{\"keys\":[{string.Join(',', client.Keys.Select(key => key.PublicKey!.ToJwk()))}]}}" : "",
        Role = (Proto.Role)client.Role,
        CreateTime = Timestamp.FromDateTimeOffset(client.CreateTime),
        DisableTime = Timestamps.Write(client.DisableTime),
        Certificates = string.Join('\n', client.Keys.Select(key => key.Certificate).Where(certificate => certificate.Length > 0)),
        TlsClientAuth = client.CertificateName is { } name ? new() { SubjectDn = name.SubjectDn, SanDns = name.SanDns } : null,
        CertificateBoundAccessTokens = client.HasBoundTokens,
        Keys = { client.Keys.Select(key => key.ToProto(client)) },
    };

    /// <summary>The message as a client of this department and id, unchecked and without its keys.</summary>
    public static ClientRegistration ToDomain(this Proto.Client client, DepartmentId department, ClientId id, string secretHash) => new()
    {
        Id = id,
        Department = department,
        DisplayName = client.DisplayName,
        Authentication = (ClientAuthentication)client.Authentication,
        CertificateName = client.TlsClientAuth is { } name ? new(name.SubjectDn, name.SanDns) : null,
        HasBoundTokens = client.CertificateBoundAccessTokens,
        SecretHash = secretHash,
        Role = (Role)client.Role,
    };

    /// <summary>A stored client.</summary>
    public static ClientRegistration FromStored(Proto.Client client, string secretHash)
    {
        var (department, id) = ResourceNames.Client("name", client.Name).Value;
        return client.ToDomain(department, id, secretHash) with
        {
            Keys = KeysOf(client),
            CreateTime = client.CreateTime.ToDateTimeOffset(),
            DisableTime = client.DisableTime?.ToDateTimeOffset(),
        };
    }

    // The first logs have the set alone. One that this version would not take any more proves nothing.
    private static ImmutableArray<RegisteredKey> KeysOf(Proto.Client client) => client.Keys.Count is 0 && client.Jwks.Length > 0
        ? [.. (PublicKeySet.Parse(client.Jwks) is { IsRefused: false } set ? set.Value.Keys : [])
            .Select(key => new RegisteredKey { Id = key.Thumbprint, PublicKey = key, CreateTime = client.CreateTime.ToDateTimeOffset() }).DistinctBy(key => key.Id)]
        : [.. client.Keys.Select(RegisteredKeyMap.FromStored)];
}
