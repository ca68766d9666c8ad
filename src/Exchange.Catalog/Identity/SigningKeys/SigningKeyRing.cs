using System.Collections.Immutable;

namespace Exchange.Catalog;

/// <summary>
/// The hub's signing keys in the order they were added. A planned key is published <see cref="Lead"/> before it signs, and accepted <see cref="Overlap"/> after
/// another took its place: that follows from the time. One that ends older keys signs as soon as it is known, and they are over, whatever a node's clock says. Keys are never forgotten: exported heads are checked
/// by the key that signed them.
/// </summary>
public sealed record SigningKeyRing(ImmutableArray<TokenSigningKey> Keys)
{
    /// <summary>How long a key is published before it signs: twice as long as anybody may keep the published set, and clocks may be apart.</summary>
    public static readonly TimeSpan Lead = TimeSpan.FromMinutes(10);

    /// <summary>How long a key is accepted after it signed last: an access token's longest life, clocks that are apart, and a node that is late.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromMinutes(11);

    /// <summary>No keys: the hub before its first start.</summary>
    public static SigningKeyRing Empty { get; } = new([]);

    /// <summary>The key that signs at this time; null before the first was added.</summary>
    public TokenSigningKey? Signing(DateTimeOffset now) => Keys.LastOrDefault(key => key.EndsOlder || key.SignTime <= now) ?? Keys.FirstOrDefault();

    /// <summary>Until when signatures of this key are accepted; null while no other key takes its place.</summary>
    public DateTimeOffset? AcceptUntil(TokenSigningKey key) =>
        Keys.SkipWhile(other => other.Id != key.Id).Skip(1).Min(later => (DateTimeOffset?)(later.EndsOlder ? later.SignTime : later.SignTime + Overlap));

    /// <summary>True for a key that a later one ended: its signatures are refused at any time.</summary>
    public bool IsEnded(TokenSigningKey key) => Keys.SkipWhile(other => other.Id != key.Id).Skip(1).Any(later => later.EndsOlder);

    /// <summary>The keys whose signatures are accepted at this time, also those that do not sign yet.</summary>
    public IEnumerable<TokenSigningKey> Accepted(DateTimeOffset now) => Keys.Where(key => !IsEnded(key) && !(AcceptUntil(key) <= now));

    /// <summary>The ring with one more key.</summary>
    public SigningKeyRing Add(TokenSigningKey key) => new(Keys.Add(key));
}
