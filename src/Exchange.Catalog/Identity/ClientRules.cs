using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides which machines may act for a department.</summary>
public static class ClientRules
{
    /// <summary>Registers a client; its id is unique in the hub. A secret is given as its hash, never as itself.</summary>
    public static Result<GovernanceDecision<ClientRegistration>> Register(GovernanceState state, ClientRegistration client, DateTimeOffset now)
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

        var registered = client with { CreateTime = now, DisableTime = null };
        return new GovernanceDecision<ClientRegistration>(registered, new GovernanceEvent.ClientRegistered(registered));
    }

    /// <summary>Disables a client of this department for good. A disabled one stays as it is.</summary>
    public static Result<GovernanceDecision<ClientRegistration>> Disable(GovernanceState state, DepartmentId department, ClientId id, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.Clients.TryGetValue(id.Value, out var client) || client.Department != department)
        {
            return new Refusal(RefusalReason.ClientNotFound, $"department `{department}` has no client `{id}`")
            {
                Metadata = new Dictionary<string, string> { ["department"] = department.ToString(), ["client"] = id.ToString() },
            };
        }

        return client.IsDisabled
            ? new GovernanceDecision<ClientRegistration>(client, null)
            : new GovernanceDecision<ClientRegistration>(client with { DisableTime = now }, new GovernanceEvent.ClientDisabled(id, now));
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

        switch (client.Authentication)
        {
            case ClientAuthentication.PrivateKeyJwt:
                violations.AddRange(PublicKeySet.Parse(client.Jwks).Refusal?.Violations ?? []);

                break;
            case ClientAuthentication.ClientSecret:
                if (client.Jwks.Length > 0)
                {
                    violations.Add(new("client.jwks", "NOT_APPLICABLE", "keys are only for PRIVATE_KEY_JWT"));
                }

                if (client.SecretHash.Length is 0)
                {
                    throw new ArgumentException("a client that authenticates by secret needs the secret's hash", nameof(client));
                }

                break;
            default:
                violations.Add(new("client.authentication", "REQUIRED", "give PRIVATE_KEY_JWT or CLIENT_SECRET"));
                break;
        }

        return violations;
    }
}
