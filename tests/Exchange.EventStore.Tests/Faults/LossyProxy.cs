using System.Net.Sockets;
using System.Text;

namespace Exchange.EventStore.Tests.Faults;

/// <summary>Stands between Npgsql and the server's socket and cuts connections around commits: before the request, or before the answer.</summary>
public sealed class LossyProxy : IAsyncDisposable
{
    private static readonly byte[] CommitTag = Encoding.ASCII.GetBytes("COMMIT\0");

    private readonly string serverSocket;
    private readonly byte[] requestMark;
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;
    private readonly Lock gate = new();
    private readonly Random random;
    private int lostRequests;
    private int lostAnswers;

    /// <param name="folder">Where to listen, as a PostgreSQL socket folder.</param>
    /// <param name="serverFolder">The server's socket folder.</param>
    /// <param name="requestMark">Bytes that only the request with the commit has.</param>
    /// <param name="seed">Which commits are hit.</param>
    public LossyProxy(string folder, string serverFolder, string requestMark, int seed)
    {
        serverSocket = Path.Combine(serverFolder, ".s.PGSQL.5432");
        this.requestMark = Encoding.UTF8.GetBytes(requestMark);
        random = new Random(seed);
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, ".s.PGSQL.5432")));
        listener.Listen();
        running = AcceptAsync();
    }

    public int LostRequests => Volatile.Read(ref lostRequests);

    public int LostAnswers => Volatile.Read(ref lostAnswers);

    /// <summary>One request in six and one answer in six are lost while this is set.</summary>
    public bool IsArmed { get; set; }

    /// <summary>The next answer to a commit is lost, and no connection works after that.</summary>
    public bool IsClosed { get; set; }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await running;
        stopping.Dispose();
    }

    private bool IsHit()
    {
        lock (gate)
        {
            return IsArmed && random.Next(6) is 0;
        }
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await listener.AcceptAsync(stopping.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (client)
        {
            try
            {
                await server.ConnectAsync(new UnixDomainSocketEndPoint(serverSocket), stopping.Token);
                await Task.WhenAny(
                    CopyAsync(client, server, requestMark, () => Interlocked.Increment(ref lostRequests)),
                    CopyAsync(server, client, CommitTag, () => Interlocked.Increment(ref lostAnswers)));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // Cut.
            }
        }
    }

    /// <summary>Copies until the end, or until a message with the mark is hit: that one is not passed on.</summary>
    private async Task CopyAsync(Socket from, Socket to, byte[] mark, Action hit)
    {
        var buffer = new byte[1 << 20];
        try
        {
            while (await from.ReceiveAsync(buffer, stopping.Token) is var count && count > 0)
            {
                var isMarked = buffer.AsSpan(0, count).IndexOf(mark) >= 0;
                if (isMarked && (IsHit() || (IsClosed && mark == CommitTag)))
                {
                    hit();
                    if (IsClosed)
                    {
                        listener.Dispose();
                    }

                    return;
                }

                await to.SendAsync(buffer.AsMemory(0, count), stopping.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Cut by the other direction, or at the end.
        }
    }
}
