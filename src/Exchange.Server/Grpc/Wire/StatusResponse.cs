using System.Globalization;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Exchange.Server.Grpc;

/// <summary>Responses in gRPC that are only a status, written without gRPC.</summary>
internal static class StatusResponse
{
    /// <summary>Trailer of the status' code.</summary>
    public const string StatusTrailer = "grpc-status";

    private const string MessageTrailer = "grpc-message";
    private const string ContentType = "application/grpc";

    private static readonly TimeSpan LongestPassing = TimeSpan.FromSeconds(1);

    /// <summary>True for a request in gRPC, whether or not there is such a method.</summary>
    public static bool IsAwaited(HttpRequest request) => request.ContentType?.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) is true;

    /// <summary>Writes the status (gRPC over HTTP/2, Trailers-Only).</summary>
    public static void Write(HttpResponse response, Google.Rpc.Status details)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ContentType;
        response.Headers[StatusTrailer] = details.Code.ToString(CultureInfo.InvariantCulture);

        // RFC 3986 escapes more than gRPC asks for; readers undo both. Spaces stay, as gRPC writes them.
        response.Headers[MessageTrailer] = Uri.EscapeDataString(details.Message).Replace("%20", " ", StringComparison.Ordinal);
        response.Headers[StatusMapping.DetailsTrailer] = Convert.ToBase64String(details.ToByteArray()).TrimEnd('=');
    }

    /// <summary>Writes the status, after the one message of a call that sends no more has gone by.</summary>
    public static async Task WriteAsync(HttpContext http, Google.Rpc.Status details, bool isOneMessage)
    {
        if (isOneMessage)
        {
            await PassByAsync(http.Request.BodyReader, http.RequestAborted);
        }

        Write(http.Response, details);
    }

    /// <summary>
    /// Lets a message go by. Answered before its body has come, a call keeps its place on the connection for seconds, and with enough of them Kestrel resets
    /// the calls that follow (ENHANCE_YOUR_CALM), which tells nobody when to come again. What is on its way is let go by, a window of bytes at a time.
    /// </summary>
    public static async Task PassByAsync(PipeReader body, CancellationToken cancellationToken)
    {
        CancellationTokenSource? patience = null;
        try
        {
            ReadResult read;
            do
            {
                if (!body.TryRead(out read))
                {
                    if (patience is null)
                    {
                        patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                        patience.CancelAfter(LongestPassing);
                    }

                    read = await body.ReadAsync(patience.Token);
                }

                body.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It broke off, or takes too long to come: its place is lost, the answer is the same.
        }
        finally
        {
            patience?.Dispose();
        }
    }
}
