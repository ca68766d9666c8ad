using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;

namespace Exchange.Server.Tests.Identity.Attacks;

/// <summary>Calls by hand over one connection: any metadata, any bytes for a message.</summary>
internal sealed class GrpcCalls(HttpMessageInvoker http, Uri hub) : IDisposable
{
    // RFC 9113 section 7.
    private const long EnhanceYourCalm = 0xb;

    /// <summary>Bodies that no handler could read, and one that any can: to those who are refused it makes no difference.</summary>
    public static readonly byte[][] Bodies = [Frame([]), [], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Frame([0xff, 0xff, 0xff]), [1, 0, 0, 0, 4, 1, 2, 3, 4], [0, 0x7f, 0xff, 0xff, 0xff, 1]];

    /// <summary>Connects at the first call.</summary>
    public static GrpcCalls Over(TestHub node, System.Security.Cryptography.X509Certificates.X509Certificate2? certificate) => new(node.HttpWith(certificate), node.Node.Addresses.Grpc);

    /// <summary>A message with its length before it.</summary>
    public static byte[] Frame(byte[] message)
    {
        byte[] frame = [0, 0, 0, 0, 0, .. message];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        return frame;
    }

    /// <summary>How a call is answered: HTTP status, and gRPC's status, message and details as they are sent, in the headers or behind a body.</summary>
    public async Task<GrpcAnswer> SendAsync(string method, TokenTry attempt, HttpContent body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(hub, method + attempt.Query))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.ParseAdd("trailers");
        foreach (var (name, value) in attempt.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        await response.Content.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        string? Of(string name) => response.Headers.TryGetValues(name, out var early) ? string.Join('|', early) : response.TrailingHeaders.TryGetValues(name, out var late) ? string.Join('|', late) : null;
        return new GrpcAnswer((int)response.StatusCode, Of("grpc-status"), Of("grpc-message"), Of("grpc-status-details-bin"));
    }

    /// <summary>
    /// As <see cref="SendAsync"/>, again where Kestrel resets the call before the hub sees it (ENHANCE_YOUR_CALM): refused calls whose bytes have not come yet hold
    /// their places on the connection.
    /// </summary>
    public async Task<GrpcAnswer> SendPatientlyAsync(string method, TokenTry attempt, byte[] body)
    {
        for (var again = 0; ; again++)
        {
            try
            {
                using var content = new ByteArrayContent(body);
                return await SendAsync(method, attempt, content);
            }
            catch (HttpRequestException e) when (again < 100 && e.InnerException is HttpProtocolException { ErrorCode: EnhanceYourCalm })
            {
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
    }

    public void Dispose() => http.Dispose();
}

/// <summary>How a call was answered, to the letter.</summary>
internal sealed record GrpcAnswer(int Http, string? Status, string? Message, string? Details)
{
    /// <summary>The stable reason in the details; empty when there is none.</summary>
    public string Reason => Details is null ? "" : Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(Details.PadRight((Details.Length + 3) / 4 * 4, '='))).Details
        .Select(any => any.TryUnpack<Google.Rpc.ErrorInfo>(out var info) ? info.Reason : "").FirstOrDefault("");
}
