using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Exchange.Protos.V1;
using Google.Rpc;
using Grpc.Core;

namespace Exchange.Server.Tests.Records.Push;

/// <summary>A push as bare bytes over HTTP/2: whatever a broken client may send.</summary>
internal static class RawPush
{
    private const int PrefixBytes = 5;

    /// <summary>A message with its gRPC prefix: not compressed, and its length.</summary>
    public static byte[] Frame(byte[] message)
    {
        var frame = new byte[PrefixBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, PrefixBytes);
        return frame;
    }

    /// <summary>Sends these bytes, and nothing after them, as a client's half of a push.</summary>
    public static async Task<(StatusCode Code, string Reason, IReadOnlyList<PushReceipt> Receipts)> SendAsync(TestHub hub, string token, byte[] body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(hub.Node.Addresses.Grpc, "/exchange.v1.RecordsService/Push"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var answer = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

        // With no message before it, a status comes in the headers.
        string Trailer(string name) => (response.TrailingHeaders.TryGetValues(name, out var late) ? late : response.Headers.GetValues(name)).Single();
        var details = Trailer("grpc-status-details-bin");
        var status = Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '=')));
        return ((StatusCode)status.Code, status.Details[0].Unpack<ErrorInfo>().Reason, Receipts(answer));
    }

    private static List<PushReceipt> Receipts(byte[] answer)
    {
        var receipts = new List<PushReceipt>();
        while (answer.Length > 0)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(1));
            receipts.Add(PushResponse.Parser.ParseFrom(answer, PrefixBytes, length).Receipt);
            answer = answer[(PrefixBytes + length)..];
        }

        return receipts;
    }
}
