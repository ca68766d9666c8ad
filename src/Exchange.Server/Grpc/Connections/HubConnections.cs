using System.Collections.Concurrent;
using System.Net;
using Exchange.Catalog;
using Exchange.Server.Grpc.Limits;
using Exchange.Server.Hosting;
using Exchange.Server.Identity;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Exchange.Server.Grpc.Connections;

/// <summary>
/// The connections to this node. Kestrel's bounds are for one connection each; these are for all of an address or a client. An address that resets calls faster
/// than it may loses the connection, and gets no new one for a while.
/// </summary>
internal sealed class HubConnections(HubOptions options, RefusedRequests refused, TimeProvider time)
{
    // A call that is given up after this long is no attack: its work was done, or its deadline passed.
    private static readonly TimeSpan Rapid = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LeastDeadline = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan CutOff = TimeSpan.FromSeconds(10);

    private readonly OpenCounts<AddressKey> addresses = new();
    private readonly OpenCounts<ClientId> clients = new();
    private readonly Rates<AddressKey> resets = new(options.MostResets, TimeSpan.FromSeconds(1));
    private readonly ConcurrentDictionary<AddressKey, DateTimeOffset> cutOff = new();

    /// <summary>Connections of an address now.</summary>
    public int Count(AddressKey address) => addresses[address];

    /// <summary>Connections now on which a client has proved who it is.</summary>
    public int Count(ClientId client) => clients[client];

    /// <summary>Around each connection, before anything of it is read: closes it when its address has too many.</summary>
    public async Task RunAsync(ConnectionContext transport, ConnectionDelegate next)
    {
        var address = (transport.RemoteEndPoint as IPEndPoint)?.Address;
        var connection = new HubConnection(transport, AddressKey.Of(address), RefusedRequests.Name(address)) { IsOfProxy = options.IsTrustedProxy(address) };
        var most = connection.IsOfProxy ? int.MaxValue : options.MostConnectionsOfAddress;
        if (IsCutOff(connection.Address))
        {
            Refuse(connection, LimitReasons.AddressCutOff);
            return;
        }

        if (!addresses.TryOpen(connection.Address, most))
        {
            Refuse(connection, LimitReasons.TooManyConnections);
            return;
        }

        transport.Features.Set(connection);
        try
        {
            await next(transport);
        }
        finally
        {
            addresses.Close(connection.Address);
            foreach (var client in connection.Close())
            {
                clients.Close(client);
            }
        }
    }

    /// <summary>Inside TLS: closes the connection when it sends frames without content faster than anybody needs to.</summary>
    public async Task WatchFramesAsync(ConnectionContext transport, ConnectionDelegate next)
    {
        var connection = transport.Features.GetRequiredFeature<HubConnection>();
        var pipe = transport.Transport;
        var frames = new FrameWatch(pipe.Input, connection, options.MostFrames, time, () => Cut(connection, LimitReasons.TooManyFrames));
        transport.Transport = new WatchedPipe(frames, pipe.Output);
        try
        {
            await next(transport);
        }
        finally
        {
            transport.Transport = pipe;
        }
    }

    /// <summary>
    /// Counts the connection for a client that has proved on it who it is; the refusal when that is on too many. How many a trusted proxy makes for its clients'
    /// calls is its own affair.
    /// </summary>
    public Refusal? Admit(HubConnection connection, ClientId client)
    {
        if (connection.IsOfProxy || connection.Knows(client))
        {
            return null;
        }

        if (!clients.TryOpen(client, options.MostConnectionsOfClient))
        {
            return LimitReasons.TooManyConnectionsOfClient(options.MostConnectionsOfClient);
        }

        if (!connection.TryAdd(client))
        {
            clients.Close(client);
        }

        return null;
    }

    /// <summary>
    /// Watches a request: one that its client resets within a second and before its deadline and any answer counts as rapid. Dispose it when the request is over.
    /// Those of a trusted proxy are many clients': it has to bound them.
    /// </summary>
    public CancellationTokenRegistration Watch(HubConnection connection, HttpContext http)
    {
        if (connection.IsOfProxy)
        {
            return default;
        }

        var began = time.GetTimestamp();
        return http.RequestAborted.Register(() =>
        {
            // All calls of a connection that breaks end: that is one broken connection.
            var passed = time.GetElapsedTime(began);
            if (!http.Response.HasStarted && passed < Rapid && !connection.IsGone && !IsOfDeadline(http, passed) && !resets.TryTake(connection.Address, out _))
            {
                Cut(connection, LimitReasons.TooManyResets);
            }
        });
    }

    /// <summary>Closes the connection of a request whose answer is not taken; a trusted proxy's carries others' too, and loses the request only.</summary>
    public void GiveUp(HttpContext http)
    {
        if (http.Features.Get<HubConnection>() is { IsOfProxy: false } connection)
        {
            Refuse(connection, LimitReasons.AnswersNotTaken);
            return;
        }

        refused.Add(http, LimitReasons.AnswersNotTaken);
        http.Abort();
    }

    /// <summary>Forgets what is over.</summary>
    public void Forget()
    {
        resets.Forget();
        foreach (var (address, end) in cutOff)
        {
            if (end <= time.GetUtcNow())
            {
                cutOff.TryRemove(KeyValuePair.Create(address, end));
            }
        }
    }

    // Clients reset calls whose deadline passes. Nobody means one that is shorter than that.
    private static bool IsOfDeadline(HttpContext http, TimeSpan passed) =>
        CallDeadline.Read(http.Request.Headers) is { } deadline && deadline >= LeastDeadline && passed >= 0.9 * deadline;

    private bool IsCutOff(AddressKey address) => cutOff.TryGetValue(address, out var end) && time.GetUtcNow() < end;

    private void Refuse(HubConnection connection, string reason)
    {
        refused.Add(connection.AddressText, reason);
        connection.Abort(reason);
    }

    private void Cut(HubConnection connection, string reason)
    {
        if (cutOff.Count < Rates<AddressKey>.MostKeys && !connection.IsOfProxy)
        {
            cutOff[connection.Address] = time.GetUtcNow() + CutOff;
        }

        Refuse(connection, reason);
    }
}
