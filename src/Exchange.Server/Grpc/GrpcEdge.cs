using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using Exchange.Catalog;
using Exchange.Server.Grpc.Room;
using Exchange.Server.Hosting;
using Exchange.Server.Identity;
using Google.Protobuf;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;

namespace Exchange.Server.Grpc;

/// <summary>
/// In front of gRPC: refuses calls without a valid token before a byte of their message is read, and unary ones that there is no room for; gives unary
/// calls a deadline, gives statuses that gRPC made itself their details, writes one log line per call.
/// </summary>
internal sealed partial class GrpcEdge(
    RequestDelegate next, AccessTokenValidator tokens, RefusedCalls refusals, CallDrain drain, RequestBudgets budgets, HubOptions options, ILogger<GrpcEdge> logger)
{
    private const string StatusTrailer = "grpc-status";
    private const string MessageTrailer = "grpc-message";
    private const string ContentType = "application/grpc";

    // Weighs no more than the call itself: reads and questions go on while writes are shed.
    private const int SmallBytes = 16 * 1024;

    private static readonly TimeSpan LongestPassing = TimeSpan.FromSeconds(1);

    /// <summary>Handles one request; what is not gRPC passes.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        var endpoint = http.GetEndpoint();
        var method = endpoint?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method;
        if (method is null && http.Request.ContentType?.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase) is not true)
        {
            await next(http);
            return;
        }

        if (MetadataBytes(http.Request.Headers) > HubEndpoints.LargestMetadataBytes)
        {
            WriteStatus(http.Response, EdgeReasons.MetadataTooLarge.ToDetails());
            return;
        }

        drain.Begin(http);
        var started = Stopwatch.GetTimestamp();
        AccessToken? token = null;
        if (endpoint?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            if (drain.IsStopping)
            {
                WriteStatus(http.Response, EdgeReasons.ShuttingDown.ToDetails());
                return;
            }

            var validated = tokens.Validate(http);
            if (validated.IsRefused)
            {
                refusals.Add(http);
                WriteStatus(http.Response, validated.Refusal.ToDetails());
                return;
            }

            token = validated.Value with { Caller = validated.Value.Caller with { Network = CallerAddress.Of(http.Connection.RemoteIpAddress) } };
            http.Features.Set(token);
        }

        http.Response.OnStarting(AddDeadlineDetails, http);
        if (method?.Type is MethodType.Unary)
        {
            await InvokeUnaryAsync(http, token?.Caller.Client ?? default);
        }
        else
        {
            await next(http);
        }

        AddMissingDetails(http);
        Log.Call(
            logger,
            method?.FullName ?? "unknown method",
            token?.Caller.Department.Value ?? "-",
            token?.Caller.Client.Value ?? "-",
            StatusOf(http) ?? StatusCode.OK,
            Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    // What the edge waits for is the call's time: gRPC, which ends calls at their deadline, sees this one only then.
    private async Task InvokeUnaryAsync(HttpContext http, ClientId client)
    {
        var began = Stopwatch.GetTimestamp();
        var body = http.Request.BodyReader;
        var time = CallDeadline.Settle(http.Request.Headers, options);
        if (await IncomingMessage.PeekAsync(body, time) is not { } message)
        {
            WriteStatus(http.Response, FaultMapping.DeadlinePassed);
            return;
        }

        if (message.RoomBytes <= SmallBytes)
        {
            CallDeadline.Lessen(http.Request.Headers, time, Stopwatch.GetElapsedTime(began));
            await next(http);
            return;
        }

        if (!budgets.Calls.TryTake(client, message.RoomBytes))
        {
            await PassByAsync(body, http.RequestAborted);
            WriteStatus(http.Response, EdgeReasons.LoadShed.ToDetails());
            return;
        }

        try
        {
            // It has room from here on, and keeps others from it: not for as long as it likes.
            var (left, patience) = (time - Stopwatch.GetElapsedTime(began), options.MessagePatience + message.TimeToCome);
            if (!await message.ComesAsync(body, left < patience ? left : patience))
            {
                WriteStatus(http.Response, left < patience ? FaultMapping.DeadlinePassed : EdgeReasons.MessageTooSlow.ToDetails());
                return;
            }

            CallDeadline.Lessen(http.Request.Headers, time, Stopwatch.GetElapsedTime(began));
            await next(http);
        }
        finally
        {
            budgets.Calls.Return(client, message.RoomBytes);
        }
    }

    // Answered before its body has come, a call keeps its place on the connection for seconds, and with enough of them Kestrel resets the calls that
    // follow (ENHANCE_YOUR_CALM), which tells nobody when to come again. What is on its way is let go by, a window of bytes at a time.
    private static async Task PassByAsync(PipeReader body, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LongestPassing);
        try
        {
            ReadResult read;
            do
            {
                read = await body.ReadAsync(patience.Token);
                body.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It broke off, or takes too long to come: its place is lost, the answer is the same.
        }
    }

    private static long MetadataBytes(IHeaderDictionary headers)
    {
        var bytes = 0L;
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
            {
                bytes += name.Length + (value?.Length ?? 0);
            }
        }

        return bytes;
    }

    private static StatusCode? StatusOf(HttpContext http)
    {
        var trailers = http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        var text = http.Response.Headers[StatusTrailer] is [{ } early] ? early : trailers?[StatusTrailer] is [{ } late] ? late : null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? (StatusCode)code : null;
    }

    // At the deadline gRPC completes the response itself, without a handler: the last moment to say more is when its headers are about to leave. A
    // stream that has begun keeps the bare status; its deadline is the client's own, which ends the call there at the same moment.
    private static Task AddDeadlineDetails(object state)
    {
        var http = (HttpContext)state;
        if (!http.Response.Headers.ContainsKey(StatusMapping.DetailsTrailer) && StatusOf(http) is StatusCode.DeadlineExceeded)
        {
            WriteStatus(http.Response, FaultMapping.DeadlinePassed);
        }

        return Task.CompletedTask;
    }

    private static void AddMissingDetails(HttpContext http)
    {
        var response = http.Response;
        if (response.HasStarted || response.Headers.ContainsKey(StatusMapping.DetailsTrailer) || StatusOf(http) is not { } code || code is StatusCode.OK)
        {
            return;
        }

        // Until a handler is reached, gRPC answers by itself: UNKNOWN or INTERNAL when it cannot read the message.
        var isReached = http.Items.ContainsKey(EdgeInterceptor.Reached);
        var details = code switch
        {
            StatusCode.Unknown or StatusCode.Internal when !isReached => EdgeReasons.MalformedMessage.ToDetails(),
            StatusCode.ResourceExhausted when !isReached => EdgeReasons.MessageTooLarge.ToDetails(),
            StatusCode.Unimplemented => StatusMapping.ToDetails(code, "METHOD_UNKNOWN", "the hub has no such method; reflection lists what there is"),
            _ => null,
        };
        if (details is not null)
        {
            WriteStatus(response, details);
        }
    }

    /// <summary>Writes a response that is only a status (gRPC over HTTP/2, Trailers-Only).</summary>
    private static void WriteStatus(HttpResponse response, Google.Rpc.Status details)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ContentType;
        response.Headers[StatusTrailer] = details.Code.ToString(CultureInfo.InvariantCulture);

        // RFC 3986 escapes more than gRPC asks for; readers undo both. Spaces stay, as gRPC writes them.
        response.Headers[MessageTrailer] = Uri.EscapeDataString(details.Message).Replace("%20", " ", StringComparison.Ordinal);
        response.Headers[StatusMapping.DetailsTrailer] = Convert.ToBase64String(details.ToByteArray()).TrimEnd('=');
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Method} by {Department}/{Client}: {Status} in {Milliseconds:0.0} ms")]
        public static partial void Call(ILogger logger, string method, string department, string client, StatusCode status, double milliseconds);
    }
}
