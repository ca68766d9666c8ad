using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Exchange.Server.Tests.Faults.Floods;

/// <summary>Frames of HTTP/2 written by hand (RFC 9113), from an address of the attacker's own: for what no client library does.</summary>
internal sealed class RawHttp2 : IDisposable
{
    public const byte Data = 0x0, Headers = 0x1, Reset = 0x3, Settings = 0x4, Ping = 0x6, GoAway = 0x7, Continuation = 0x9;
    public const byte EndStream = 0x1, EndHeaders = 0x4, Acknowledged = 0x1;

    private static readonly byte[] Preface = Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

    private readonly Socket socket;
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource pong = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RawHttp2(Socket socket) => this.socket = socket;

    /// <summary>The code that Kestrel said goodbye with (RFC 9113 section 7); null while it has not.</summary>
    public int? Error { get; private set; }

    /// <summary>Completes when the hub has closed the connection.</summary>
    public Task Closed => closed.Task;

    /// <summary>Connects from an address of this machine.</summary>
    public static async Task<RawHttp2> ConnectAsync(Uri hub, string from)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        var connection = new RawHttp2(socket);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, hub.Port);
            _ = connection.ReadAsync();
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset)
        {
            connection.closed.TrySetResult();
        }

        return connection;
    }

    /// <summary>Begins to speak HTTP/2, with a window for each stream's answer.</summary>
    public Task BeginAsync(int window = 65_535)
    {
        var setting = new byte[6];
        setting[1] = 0x4;
        BinaryPrimitives.WriteInt32BigEndian(setting.AsSpan(2), window);
        return SendAsync((byte[])[.. Preface, .. Frame(Settings, 0, 0, setting)]);
    }

    /// <summary>One frame.</summary>
    public static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    /// <summary>The headers of a call (RFC 7541 section 6.2.2: literals that are not indexed).</summary>
    public static byte[] HeadersOf(string method, string? token, params (string Name, string Value)[] more) => Literals(
    [
        (":method", "POST"), (":scheme", "http"), (":path", method), (":authority", "hub.example"), ("content-type", "application/grpc"), ("te", "trailers"),
        .. token is null ? [] : new[] { ("authorization", $"Bearer {token}") }, .. more,
    ]);

    /// <summary>Any headers, or trailers, as they are.</summary>
    public static byte[] Literals(params IEnumerable<(string Name, string Value)> headers)
    {
        List<byte> block = [];
        void Add(string name, string value)
        {
            block.Add(0);
            AddText(name);
            AddText(value);
        }

        void AddText(string text)
        {
            var length = text.Length;
            block.Add((byte)Math.Min(length, 127));
            if (length >= 127)
            {
                for (length -= 127; length >= 128; length /= 128)
                {
                    block.Add((byte)((length % 128) + 128));
                }

                block.Add((byte)length);
            }

            block.AddRange(Encoding.ASCII.GetBytes(text));
        }

        foreach (var (name, value) in headers)
        {
            Add(name, value);
        }

        return [.. block];
    }

    /// <summary>Sends bytes; false when the hub has closed the connection.</summary>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await socket.SendAsync(bytes)..];
            }

            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            closed.TrySetResult();
            return false;
        }
    }

    /// <summary>Returns when the hub has read all that was sent, or closed the connection.</summary>
    public async Task CatchUpAsync()
    {
        pong = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendAsync(Frame(Ping, 0, 0, new byte[8]));
        await Task.WhenAny(pong.Task, Closed).WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private async Task ReadAsync()
    {
        try
        {
            await using var stream = new NetworkStream(socket);
            var head = new byte[9];
            var payload = new byte[64];
            while (true)
            {
                await stream.ReadExactlyAsync(head);
                var length = BinaryPrimitives.ReadInt32BigEndian(head) >>> 8;
                if (payload.Length < length)
                {
                    payload = new byte[length];
                }

                await stream.ReadExactlyAsync(payload.AsMemory(0, length));
                if (head[3] is GoAway)
                {
                    Error = BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan(4));
                }

                if (head[3] is Ping && (head[4] & Acknowledged) is not 0)
                {
                    pong.TrySetResult();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            closed.TrySetResult();
        }
    }
}
