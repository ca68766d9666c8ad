using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides which keys and certificates prove who a client is, so that one can take the place of another while both are good.</summary>
public static class ClientKeyRules
{
    /// <summary>Keys or certificates that a client may have.</summary>
    public const int MostKeys = 10;

    /// <summary>Adds a key or certificate to a client of this department, or sets when one that is there expires. The same again changes nothing.</summary>
    /// <param name="state">The newest state.</param>
    /// <param name="department">The client's department.</param>
    /// <param name="id">The client.</param>
    /// <param name="jwk">A public key as JWK; empty for a certificate.</param>
    /// <param name="certificate">A certificate in PEM; empty for a key.</param>
    /// <param name="expireTime">From when it proves nothing any more; null for never, or the certificate's own end.</param>
    /// <param name="now">The time.</param>
    public static Result<GovernanceDecision<RegisteredKey>> Add(
        GovernanceState state, DepartmentId department, ClientId id, string jwk, string certificate, DateTimeOffset? expireTime, DateTimeOffset now)
    {
        var found = ClientRules.Find(state, department, id);
        if (found.IsRefused)
        {
            return found.Refusal;
        }

        var client = found.Value;
        if (client.IsDisabled)
        {
            return new Refusal(RefusalReason.ClientIsDisabled, $"client `{id}` is disabled for good: register another one")
            {
                Metadata = new Dictionary<string, string> { ["client"] = id.Value },
            };
        }

        var read = Read(client, jwk, certificate, now);
        if (read.IsRefused)
        {
            return read.Refusal;
        }

        if (expireTime <= now)
        {
            return Refusal.Invalid("key.expire_time", "OUT_OF_RANGE", "must lie ahead: remove a key that is to end now");
        }

        var known = client.Keys.FirstOrDefault(key => key.Id == read.Value.Id);
        var added = read.Value with { CreateTime = known?.CreateTime ?? now, ExpireTime = Earlier(expireTime, read.Value.ExpireTime) };
        if (known is null && CheckNew(client, added) is { } refusal)
        {
            return refusal;
        }

        return new GovernanceDecision<RegisteredKey>(added, known?.ExpireTime == added.ExpireTime && known is not null ? null : new GovernanceEvent.ClientKeyAdded(id, added));
    }

    /// <summary>Takes a key or certificate away: what it proves is refused from now on, and so are the tokens that were given for it. Nothing happens when it is not there.</summary>
    public static Result<GovernanceDecision<ClientRegistration>> Remove(GovernanceState state, DepartmentId department, ClientId id, string key, DateTimeOffset now)
    {
        var found = ClientRules.Find(state, department, id);
        if (found.IsRefused)
        {
            return found.Refusal;
        }

        var client = found.Value;
        return client.Keys.Any(one => one.Id == key)
            ? new GovernanceDecision<ClientRegistration>(client.Without(key), new GovernanceEvent.ClientKeyRemoved(id, key, now))
            : new GovernanceDecision<ClientRegistration>(client, null);
    }

    private static Result<RegisteredKey> Read(ClientRegistration client, string jwk, string certificate, DateTimeOffset now)
    {
        switch (client.Authentication)
        {
            case ClientAuthentication.PrivateKeyJwt when certificate.Length is 0:
                var key = PublicKeySet.ParseKey(jwk, "key.jwk");
                return key.IsRefused ? key.Refusal : new RegisteredKey { Id = key.Value.Thumbprint, PublicKey = key.Value };
            case ClientAuthentication.SelfSignedTls when jwk.Length is 0:
                var read = ClientCertificates.Parse(certificate, "key.certificate", now);
                return read.IsRefused ? read.Refusal
                    : read.Value is [var only] ? only
                    : Refusal.Invalid("key.certificate", "NOT_A_CERTIFICATE", "give one certificate");
            case ClientAuthentication.PrivateKeyJwt:
                return Refusal.Invalid("key.jwk", "REQUIRED", "a client with PRIVATE_KEY_JWT has keys: give one as `jwk`");
            case ClientAuthentication.SelfSignedTls:
                return Refusal.Invalid("key.certificate", "REQUIRED", "a client with SELF_SIGNED_TLS_CLIENT_AUTH has certificates: give one as `certificate`");
            default:
                return Refusal.Invalid("key", "NOT_APPLICABLE", "only clients with PRIVATE_KEY_JWT or SELF_SIGNED_TLS_CLIENT_AUTH have keys of their own");
        }
    }

    private static Refusal? CheckNew(ClientRegistration client, RegisteredKey added)
    {
        if (client.Keys.Length >= MostKeys)
        {
            return Refusal.Invalid("key", "TOO_MANY", $"a client has at most {MostKeys} keys: remove one that is not used any more");
        }

        // Which of several keys to look at the assertion tells, so that it takes as long as with one.
        return added.PublicKey is { } key && client.Keys.Length > 0 && (key.Id is null || client.Keys.Any(other => other.PublicKey?.Id == key.Id))
            ? Refusal.Invalid("key.jwk", "DUPLICATE_KID", "beside other keys it needs a `kid` of its own")
            : null;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;
}
