using System.Collections.Immutable;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides which machines may act for a department.</summary>
public static class ClientRules
{
    /// <summary>Registers a client; its id is unique in the hub. A secret is given as its hash, never as itself.</summary>
    /// <param name="state">The newest state.</param>
    /// <param name="client">The client; its keys are not looked at.</param>
    /// <param name="jwks">For PRIVATE_KEY_JWT its public keys as a JWK set, see <see cref="PublicKeySet"/>; else empty.</param>
    /// <param name="certificates">For SELF_SIGNED_TLS_CLIENT_AUTH its certificates in PEM; else empty.</param>
    /// <param name="now">The time.</param>
    public static Result<GovernanceDecision<ClientRegistration>> Register(GovernanceState state, ClientRegistration client, string jwks, string certificates, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(client);
        if (!state.Departments.ContainsKey(client.Department.Value))
        {
            return new Refusal(RefusalReason.DepartmentNotFound, $"there is no department `{client.Department}`: register it first")
            {
                Metadata = new Dictionary<string, string> { ["department"] = client.Department.Value },
            };
        }

        var violations = Check(client);
        var keys = ReadKeys(client.Authentication, jwks, certificates, now);
        violations.AddRange(keys.Refusal?.Violations ?? []);
        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        if (state.Clients.ContainsKey(client.Id.Value))
        {
            return new Refusal(RefusalReason.ClientExists, $"client `{client.Id}` is registered already: choose another id")
            {
                Metadata = new Dictionary<string, string> { ["client"] = client.Id.Value },
            };
        }

        var registered = client with { Keys = keys.Value, HasBoundTokens = client.HasBoundTokens || IsTls(client.Authentication), CreateTime = now, DisableTime = null };
        return new GovernanceDecision<ClientRegistration>(registered, new GovernanceEvent.ClientRegistered(registered));
    }

    /// <summary>Disables a client of this department for good. A disabled one stays as it is.</summary>
    public static Result<GovernanceDecision<ClientRegistration>> Disable(GovernanceState state, DepartmentId department, ClientId id, DateTimeOffset now)
    {
        var found = Find(state, department, id);
        if (found.IsRefused)
        {
            return found.Refusal;
        }

        var client = found.Value;
        return client.IsDisabled
            ? new GovernanceDecision<ClientRegistration>(client, null)
            : new GovernanceDecision<ClientRegistration>(client with { DisableTime = now }, new GovernanceEvent.ClientDisabled(id, now));
    }

    /// <summary>A client of this department.</summary>
    internal static Result<ClientRegistration> Find(GovernanceState state, DepartmentId department, ClientId id)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Clients.TryGetValue(id.ToString(), out var client) && client.Department == department
            ? client
            : new Refusal(RefusalReason.ClientNotFound, $"department `{department}` has no client `{id}`")
            {
                Metadata = new Dictionary<string, string> { ["department"] = department.ToString(), ["client"] = id.ToString() },
            };
    }

    private static List<FieldViolation> Check(ClientRegistration client)
    {
        List<FieldViolation> violations = [];
        if (!ClientId.IsValid(client.Id.Value))
        {
            violations.Add(new("client_id", "INVALID_ID", "must be 2 to 60 of `a-z 0-9 -`, starting with a letter"));
        }

        if (!Syntax.IsLabel(client.DisplayName, 0, 200))
        {
            violations.Add(new("client.display_name", "INVALID_TEXT", "must be at most 200 characters without control characters"));
        }

        if (!Enum.IsDefined(client.Role) || client.Role is Role.Unspecified)
        {
            violations.Add(new("client.role", "REQUIRED", "give one of the roles"));
        }

        if (!Enum.IsDefined(client.Authentication) || client.Authentication is ClientAuthentication.Unspecified)
        {
            violations.Add(new("client.authentication", "REQUIRED", "give PRIVATE_KEY_JWT, CLIENT_SECRET, TLS_CLIENT_AUTH or SELF_SIGNED_TLS_CLIENT_AUTH"));
        }

        if (client.Authentication is ClientAuthentication.Tls)
        {
            violations.AddRange((client.CertificateName ?? new("", "")).Check() is { } violation ? [violation] : []);
        }
        else if (client.CertificateName is not null)
        {
            violations.Add(new("client.tls_client_auth", "NOT_APPLICABLE", "a certificate's name is only for TLS_CLIENT_AUTH"));
        }

        if (client.Authentication is ClientAuthentication.ClientSecret && client.SecretHash.Length is 0)
        {
            throw new ArgumentException("a client that authenticates by secret needs the secret's hash", nameof(client));
        }

        return violations;
    }

    private static Result<ImmutableArray<RegisteredKey>> ReadKeys(ClientAuthentication authentication, string jwks, string certificates, DateTimeOffset now)
    {
        if (!Enum.IsDefined(authentication) || authentication is ClientAuthentication.Unspecified)
        {
            return ImmutableArray<RegisteredKey>.Empty;
        }

        if (jwks.Length > 0 && authentication is not ClientAuthentication.PrivateKeyJwt)
        {
            return Refusal.Invalid("client.jwks", "NOT_APPLICABLE", "keys are only for PRIVATE_KEY_JWT");
        }

        if (certificates.Length > 0 && authentication is not ClientAuthentication.SelfSignedTls)
        {
            return Refusal.Invalid("client.certificates", "NOT_APPLICABLE", "certificates are only for SELF_SIGNED_TLS_CLIENT_AUTH");
        }

        return authentication switch
        {
            ClientAuthentication.PrivateKeyJwt => PublicKeySet.Parse(jwks) is { IsRefused: false } set
                ? ImmutableArray.CreateRange(set.Value.Keys.Select(key => new RegisteredKey { Id = key.Thumbprint, PublicKey = key, CreateTime = now }).DistinctBy(key => key.Id))
                : PublicKeySet.Parse(jwks).Refusal!,
            ClientAuthentication.SelfSignedTls => ClientCertificates.Parse(certificates, "client.certificates", now),
            _ => ImmutableArray<RegisteredKey>.Empty,
        };
    }

    private static bool IsTls(ClientAuthentication authentication) => authentication is ClientAuthentication.Tls or ClientAuthentication.SelfSignedTls;
}
