using Exchange.Catalog;
using Microsoft.AspNetCore.Connections;

namespace Exchange.Server.Grpc.Connections;

/// <summary>One connection to the node: from where, and which clients have proved on it who they are. A feature of its requests.</summary>
internal sealed class HubConnection(ConnectionContext transport, AddressKey address, string addressText)
{
    private readonly Lock turn = new();
    private volatile string? first;
    private HashSet<ClientId>? clients;
    private volatile bool isEnding;
    private bool isClosed;
    private int untaken;

    /// <summary>The address as limits count it.</summary>
    public AddressKey Address { get; } = address;

    /// <summary>The address as people write it.</summary>
    public string AddressText { get; } = addressText;

    /// <summary>True when a proxy that is trusted made it, for many: it alone is closed for what one of them does.</summary>
    public bool IsOfProxy { get; init; }

    /// <summary>True once the connection is gone, and with it all that was on it.</summary>
    public bool IsGone => isEnding || transport.ConnectionClosed.IsCancellationRequested;

    /// <summary>Answers that wait for the client to take them.</summary>
    public int Untaken => Volatile.Read(ref untaken);

    /// <summary>Counts answers that wait, or wait no more.</summary>
    public void CountUntaken(int more) => Interlocked.Add(ref untaken, more);

    /// <summary>True when this client was admitted; asked at every call.</summary>
    public bool Knows(ClientId client)
    {
        if (first == client.Value)
        {
            return true;
        }

        lock (turn)
        {
            return clients?.Contains(client) is true;
        }
    }

    /// <summary>Keeps a client that was admitted; false when it is here already or the connection is gone.</summary>
    public bool TryAdd(ClientId client)
    {
        lock (turn)
        {
            if (isClosed || !(clients ??= []).Add(client))
            {
                return false;
            }

            first ??= client.Value;
            return true;
        }
    }

    /// <summary>Nothing more comes: told before the calls on it are ended for that.</summary>
    public void End() => isEnding = true;

    /// <summary>Closes the connection at once.</summary>
    public void Abort(string reason) => transport.Abort(new ConnectionAbortedException(reason));

    /// <summary>The connection is over; the clients that were admitted on it.</summary>
    public IReadOnlyCollection<ClientId> Close()
    {
        lock (turn)
        {
            isClosed = true;
            return clients ?? [];
        }
    }
}
