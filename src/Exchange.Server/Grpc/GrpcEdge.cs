using System.Diagnostics;
using System.Globalization;
using Exchange.Catalog;
using Exchange.Server.Grpc.Connections;
using Exchange.Server.Grpc.Limits;
using Exchange.Server.Grpc.Room;
using Exchange.Server.Hosting;
using Exchange.Server.Identity;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;

namespace Exchange.Server.Grpc;

/// <summary>
/// In front of gRPC: refuses calls without a valid token or beyond a limit before a byte of their message is read, and unary ones that there is no room for;
/// gives unary calls a deadline, gives statuses that gRPC made itself their details, writes one log line per call.
/// </summary>
internal sealed partial class GrpcEdge(
    RequestDelegate next,
    AccessTokenValidator tokens,
    CallLimits limits,
    HubConnections connections,
    RefusedRequests refused,
    CallDrain drain,
    RequestBudgets budgets,
    TimeProvider time,
    HubOptions options,
    ILogger<GrpcEdge> logger)
{
    // Weighs no more than the call itself: reads and questions go on while writes are shed.
    private const int SmallBytes = 16 * 1024;

    /// <summary>Handles one request; what is not gRPC passes.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        var endpoint = http.GetEndpoint();
        var method = endpoint?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method;
        if (method is null && !StatusResponse.IsAwaited(http.Request))
        {
            await next(http);
            return;
        }

        if (MetadataBytes(http.Request.Headers) > HubEndpoints.LargestMetadataBytes)
        {
            refused.Add(http, EdgeReasons.MetadataTooLarge.Reason.Code);
            StatusResponse.Write(http.Response, EdgeReasons.MetadataTooLarge.ToDetails());
            return;
        }

        drain.Begin(http);
        var started = Stopwatch.GetTimestamp();
        AccessToken? token = null;
        if (endpoint?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            if (drain.IsStopping)
            {
                StatusResponse.Write(http.Response, EdgeReasons.ShuttingDown.ToDetails());
                return;
            }

            var validated = tokens.Validate(http);
            if (validated.IsRefused)
            {
                refused.Add(http, validated.Refusal.Reason.Code);
                StatusResponse.Write(http.Response, validated.Refusal.ToDetails());
                return;
            }

            token = validated.Value with { Caller = validated.Value.Caller with { Network = CallerAddress.Of(http.Connection.RemoteIpAddress) } };
            http.Features.Set(token);
        }

        http.Response.OnStarting(AddDeadlineDetails, http);
        if (!await TryInvokeAsync(http, method, token?.Caller))
        {
            return;
        }

        AddMissingDetails(http);

        // What anybody may ask for, as often as they like, is not told.
        if (token is { Caller: var caller })
        {
            Log.Call(
                logger,
                method?.FullName ?? "unknown method",
                caller.Department.Value,
                caller.Client.Value,
                StatusOf(http) ?? StatusCode.OK,
                Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    // False when a limit refuses it. Without a caller it is open to anybody: health, which has bounds of its own.
    private async Task<bool> TryInvokeAsync(HttpContext http, IMethod? method, Caller? caller)
    {
        var isUnary = method?.Type is MethodType.Unary;
        if (caller is null)
        {
            await (isUnary ? InvokeUnaryAsync(http, default) : next(http));
            return true;
        }

        // What is open at a time first: a call that it refuses uses up nothing.
        var refusal = (http.Features.Get<HubConnection>() is { } connection ? connections.Admit(connection, caller.Client) : null)
            ?? (isUnary ? null : limits.Open(caller.Client));
        if (refusal is not null)
        {
            await RefuseAsync(http, method, caller.Client, refusal);
            return false;
        }

        try
        {
            if (limits.Take(caller, method?.FullName) is var (beyond, delay))
            {
                if (delay > TimeSpan.Zero)
                {
                    await Task.Delay(delay, time, http.RequestAborted);
                }

                await RefuseAsync(http, method, caller.Client, beyond);
                return false;
            }

            await (isUnary ? InvokeUnaryAsync(http, caller.Client) : next(http));
            if (http.Response.BodyWriter is { CanGetUnflushedBytes: true, UnflushedBytes: >= UntakenAnswer.LeastBytes } answer)
            {
                // It is large enough to care whether the client takes it: the request lasts until then (EdgeInterceptor ends it otherwise).
                await answer.FlushAsync(http.RequestAborted);
            }

            return true;
        }
        finally
        {
            if (!isUnary)
            {
                limits.Streams.Close(caller.Client);
            }
        }
    }

    private Task RefuseAsync(HttpContext http, IMethod? method, ClientId client, Refusal refusal)
    {
        refused.Add(http, refusal.Reason.Code, client);
        return StatusResponse.WriteAsync(http, refusal.ToDetails(), method?.Type is MethodType.Unary or MethodType.ServerStreaming);
    }

    // What the edge waits for is the call's time: gRPC, which ends calls at their deadline, sees this one only then.
    private async Task InvokeUnaryAsync(HttpContext http, ClientId client)
    {
        var began = Stopwatch.GetTimestamp();
        var body = http.Request.BodyReader;
        var time = CallDeadline.Settle(http.Request.Headers, options);
        if (await IncomingMessage.PeekAsync(body, time) is not { } message)
        {
            StatusResponse.Write(http.Response, FaultMapping.DeadlinePassed);
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
            await StatusResponse.PassByAsync(body, http.RequestAborted);
            StatusResponse.Write(http.Response, EdgeReasons.LoadShed.ToDetails());
            return;
        }

        try
        {
            // It has room from here on, and keeps others from it: not for as long as it likes.
            var (left, patience) = (time - Stopwatch.GetElapsedTime(began), options.MessagePatience + message.TimeToCome);
            if (!await message.ComesAsync(body, left < patience ? left : patience))
            {
                StatusResponse.Write(http.Response, left < patience ? FaultMapping.DeadlinePassed : EdgeReasons.MessageTooSlow.ToDetails());
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
        var text = http.Response.Headers[StatusResponse.StatusTrailer] is [{ } early] ? early : trailers?[StatusResponse.StatusTrailer] is [{ } late] ? late : null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? (StatusCode)code : null;
    }

    // At the deadline gRPC completes the response itself, without a handler: the last moment to say more is when its headers are about to leave. A
    // stream that has begun keeps the bare status; its deadline is the client's own, which ends the call there at the same moment.
    private static Task AddDeadlineDetails(object state)
    {
        var http = (HttpContext)state;
        if (!http.Response.Headers.ContainsKey(StatusMapping.DetailsTrailer) && StatusOf(http) is StatusCode.DeadlineExceeded)
        {
            StatusResponse.Write(http.Response, FaultMapping.DeadlinePassed);
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
            StatusResponse.Write(response, details);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Method} by {Department}/{Client}: {Status} in {Milliseconds:0.0} ms")]
        public static partial void Call(ILogger logger, string method, string department, string client, StatusCode status, double milliseconds);
    }
}
