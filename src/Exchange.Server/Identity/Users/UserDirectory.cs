using System.Collections.Immutable;
using Exchange.Catalog;

namespace Exchange.Server.Identity.Users;

/// <summary>
/// The users of the hub as this node knows them: those of its governance state. Tokens are checked against it at every call, so that a user who is
/// disabled or must enrol again is refused from the next request on.
/// </summary>
public sealed class UserDirectory
{
    private volatile ImmutableSortedDictionary<string, User> users = ImmutableSortedDictionary<string, User>.Empty;

    /// <summary>The user, also when it is disabled; null when there is none.</summary>
    public User? Find(UserId id) => id.Value is { } known ? users.GetValueOrDefault(known) : null;

    /// <summary>Takes over the users of a newer governance state.</summary>
    public void Publish(ImmutableSortedDictionary<string, User> newer) => users = newer;
}
