using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;

namespace Exchange.Server.Tests.Faults.Fuzz;

/// <summary>Calls below gRPC's own client: with any body, so also with frames that no client writes.</summary>
internal sealed class RawFrames(Uri hub) : IDisposable
{
    private const int BombBytes = 64 << 20;

    // A thousandth of what it unpacks to.
    private static readonly Lazy<byte[]> Bomb = new(() => Pack(new byte[BombBytes]));

    private readonly HttpClient http = new(new SocketsHttpHandler { EnableMultipleHttp2Connections = true }) { BaseAddress = hub, Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>A message in its frame, packed or not.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> message, bool isPacked = false, uint? length = null)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = isPacked ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), length ?? (uint)message.Length);
        message.CopyTo(frame.AsSpan(5));
        return frame;
    }

    /// <summary>Bytes in gzip.</summary>
    public static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>An odd body, and the encoding that it claims.</summary>
    public static (byte[] Body, string? Encoding) Odd(byte[] message, Random random)
    {
        var packed = Pack(message);
        return random.Next(14) switch
        {
            0 => (Frame(packed, isPacked: true), "gzip"),
            1 => (Frame(random.Next(10) is 0 ? Bomb.Value : Pack(new byte[5 << 20]), isPacked: true), "gzip"),
            2 => (Frame(packed.AsSpan(0, random.Next(packed.Length)), isPacked: true), "gzip"),
            3 => (Frame(message, isPacked: true), "gzip"),
            4 => (Frame(packed, isPacked: true), null),
            5 => (Frame(packed, isPacked: true), new[] { "br", "identity", "deflate", "gzip, gzip", "x" }[random.Next(5)]),
            6 => (Frame(message, length: new uint[] { 0, 1, int.MaxValue, uint.MaxValue, 1U << 31, (uint)message.Length + 1 }[random.Next(6)]), null),
            7 => ([.. Frame(message), .. Frame(message)], null),
            8 => ([.. Frame(message), .. new byte[random.Next(1, 5)]], null),
            9 => ([], null),
            10 => (new byte[random.Next(1, 5)], null),
            11 => (Frame([.. packed, .. packed], isPacked: true), "gzip"),
            12 => ([(byte)random.Next(2, 256), .. Frame(message)[1..]], null),
            _ => (Frame(Damaged(packed, random), isPacked: true), "gzip"),
        };
    }

    /// <summary>Sends a body and waits for the end of the call, or its first bytes: the code and reason, OK for an answer.</summary>
    public async Task<(StatusCode Code, string Reason)> SendAsync(MethodDescriptor method, string token, byte[] body, string? encoding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/{method.Service.FullName}/{method.Name}")
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (encoding is not null)
        {
            request.Headers.TryAddWithoutValidation("grpc-encoding", encoding);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (Status(response.Headers) is null)
        {
            // A stream may go on without end: its first bytes are an answer.
            await using var content = await response.Content.ReadAsStreamAsync();
            if (await content.ReadAsync(new byte[5]) > 0)
            {
                return (StatusCode.OK, "");
            }
        }

        var headers = Status(response.Headers) is null ? response.TrailingHeaders : response.Headers;
        var code = (StatusCode)int.Parse(Status(headers) ?? throw new InvalidOperationException($"HTTP {response.StatusCode} without a status"), CultureInfo.InvariantCulture);
        return (code, code is StatusCode.OK ? "" : Reason(headers));
    }

    public void Dispose() => http.Dispose();

    private static string? Status(HttpResponseHeaders headers) => headers.TryGetValues("grpc-status", out var values) ? values.Single() : null;

    private static string Reason(HttpResponseHeaders headers)
    {
        var text = headers.TryGetValues("grpc-status-details-bin", out var values) ? values.Single() : "";
        var status = Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '=')));
        return status.Details.Count > 0 ? status.Details[0].Unpack<ErrorInfo>().Reason : "";
    }

    private static byte[] Damaged(byte[] bytes, Random random)
    {
        if (bytes.Length > 0)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return bytes;
    }
}
