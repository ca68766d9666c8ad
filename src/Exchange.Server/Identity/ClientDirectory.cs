using System.Collections.Immutable;
using Exchange.Catalog;

namespace Exchange.Server.Identity;

/// <summary>
/// The clients of the hub as this node knows them: those of its governance state. Tokens are checked against it at every call, so that a client
/// disabled is refused from the next request on.
/// </summary>
public sealed class ClientDirectory
{
    private readonly Lock turn = new();
    private readonly Dictionary<ClientId, CancellationTokenSource> watched = [];
    private volatile ImmutableSortedDictionary<string, ClientRegistration> clients = ImmutableSortedDictionary<string, ClientRegistration>.Empty;

    /// <summary>The client, also when it is disabled; null when there is none.</summary>
    public ClientRegistration? Find(ClientId id) => clients.GetValueOrDefault(id.Value);

    /// <summary>Takes over the clients of a newer governance state; whoever may no longer act loses its streams at once.</summary>
    public void Publish(ImmutableSortedDictionary<string, ClientRegistration> newer)
    {
        ArgumentNullException.ThrowIfNull(newer);
        if (ReferenceEquals(clients, newer))
        {
            return;
        }

        List<CancellationTokenSource> ended;
        lock (turn)
        {
            clients = newer;
            ended = [.. watched.Where(client => !MayAct(client.Key)).Select(client => client.Value)];
        }

        foreach (var client in ended)
        {
            client.Cancel();
        }
    }

    /// <summary>True when the client is registered and not disabled.</summary>
    public bool MayAct(ClientId id) => Find(id) is { IsDisabled: false };

    /// <summary>Ends when the client is disabled. One for all streams of the client.</summary>
    public CancellationToken WhenDisabled(ClientId id)
    {
        lock (turn)
        {
            if (!MayAct(id))
            {
                return new CancellationToken(canceled: true);
            }

            if (!watched.TryGetValue(id, out var client) || client.IsCancellationRequested)
            {
                // Never disposed: as many as there are clients, and a stream may still hold the token.
                watched[id] = client = new CancellationTokenSource();
            }

            return client.Token;
        }
    }
}
