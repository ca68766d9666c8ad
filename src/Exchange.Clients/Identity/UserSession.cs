using System.Text.Json.Serialization;

namespace Exchange.Clients.Identity;

/// <summary>A session that a person has begun: whoever has it acts as that person until it ends. Keep it as a secret.</summary>
public sealed record UserSession
{
    /// <summary>The user's id.</summary>
    public required string User { get; init; }

    /// <summary>The secret that gets access tokens.</summary>
    public required string Token { get; init; }

    /// <summary>When it ends at the latest.</summary>
    public required DateTimeOffset ExpireTime { get; init; }

    /// <summary>The token endpoint of the hub it was begun at, and the only place it is sent to.</summary>
    public required Uri TokenEndpoint { get; init; }

    /// <summary>The session as a credential.</summary>
    [JsonIgnore]
    public ClientCredential Credential => ClientCredential.Session(this);
}
