using System.Globalization;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides when the hub signs with another key.</summary>
public static class SigningKeyRules
{
    /// <summary>The first key of a hub, which signs from now on. Nothing happens when there is one.</summary>
    public static Result<GovernanceDecision<TokenSigningKey>> AddFirst(GovernanceState state, TokenSigningKey key, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(key);
        return state.SigningKeys.Keys is [.., var newest] ? new GovernanceDecision<TokenSigningKey>(newest, null) : Added(key with { CreateTime = now, SignTime = now });
    }

    /// <summary>
    /// Adds the key that signs next: after <see cref="SigningKeyRing.Lead"/>, while the older one's tokens live on; or at once, when a key has leaked: then every
    /// older key's signatures are refused from now on. One planned rotation at a time.
    /// </summary>
    public static Result<GovernanceDecision<TokenSigningKey>> Rotate(GovernanceState state, TokenSigningKey key, bool atOnce, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(key);
        if (atOnce)
        {
            return Added(key with { CreateTime = now, SignTime = now, EndsOlder = true });
        }

        if (state.SigningKeys.Keys is [.., var newest] && newest.SignTime > now)
        {
            var time = newest.SignTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            return new Refusal(RefusalReason.RotationUnderWay, $"key `{newest.Id}` takes over at {time}: wait until then, or rotate at once if a key has leaked")
            {
                Metadata = new Dictionary<string, string> { ["signing_key"] = newest.Id, ["sign_time"] = time },
            };
        }

        return Added(key with { CreateTime = now, SignTime = now + SigningKeyRing.Lead });
    }

    /// <summary>As <see cref="Rotate"/>, planned, if the newest key has signed for as long as the period or longer; else nothing happens.</summary>
    public static Result<GovernanceDecision<TokenSigningKey>> RotateWhenDue(GovernanceState state, TokenSigningKey key, TimeSpan period, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.SigningKeys.Keys is [.., var newest] && !IsDue(state.SigningKeys, period, now)
            ? new GovernanceDecision<TokenSigningKey>(newest, null)
            : Rotate(state, key, atOnce: false, now);
    }

    /// <summary>True when the newest key has signed for as long as the period or longer.</summary>
    public static bool IsDue(SigningKeyRing ring, TimeSpan period, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(ring);
        return ring.Keys is [.., var newest] && newest.SignTime + period <= now;
    }

    private static GovernanceDecision<TokenSigningKey> Added(TokenSigningKey key) => new(key, new GovernanceEvent.SigningKeyAdded(key));
}
