using System.Collections.Immutable;
using Exchange.Catalog;

namespace Exchange.Server.Identity;

/// <summary>
/// The clients of the hub as this node knows them: those of its governance state. Tokens are checked against it at every call, so that a client
/// disabled is refused from the next request on.
/// </summary>
public sealed class ClientDirectory
{
    private volatile ImmutableSortedDictionary<string, ClientRegistration> clients = ImmutableSortedDictionary<string, ClientRegistration>.Empty;

    /// <summary>The client, also when it is disabled; null when there is none.</summary>
    public ClientRegistration? Find(ClientId id) => id.Value is { } known ? clients.GetValueOrDefault(known) : null;

    /// <summary>Takes over the clients of a newer governance state.</summary>
    public void Publish(ImmutableSortedDictionary<string, ClientRegistration> newer) => clients = newer;
}
