using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Server.Tests.Grpc.InteropCases;

/// <summary>The service that gRPC's interoperability cases call: echoes sizes, metadata, statuses and compression as it is asked to.</summary>
public sealed class InteropService : TestService.TestServiceBase
{
    private const string InitialHeader = "x-grpc-test-echo-initial";
    private const string TrailingHeader = "x-grpc-test-echo-trailing-bin";

    // What gRPC for .NET takes as the wish to pack the answers of one call.
    private const string Packing = "grpc-internal-encoding-request";

    public override Task<Empty> EmptyCall(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    public override async Task<SimpleResponse> UnaryCall(SimpleRequest request, ServerCallContext context)
    {
        Expect(request.ExpectCompressed, context);
        await EchoAsync(context, request.ResponseCompressed?.Value is true);
        context.WriteOptions = OptionsOf(request.ResponseCompressed);
        Throw(request.ResponseStatus);
        return new SimpleResponse { Payload = PayloadOf(request.ResponseSize) };
    }

    public override async Task StreamingOutputCall(StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responseStream, ServerCallContext context)
    {
        await EchoAsync(context, request.ResponseParameters.Any(wanted => wanted.Compressed?.Value is true));
        await AnswerAsync(request, responseStream, context);
    }

    public override async Task<StreamingInputCallResponse> StreamingInputCall(IAsyncStreamReader<StreamingInputCallRequest> requestStream, ServerCallContext context)
    {
        await EchoAsync(context, false);
        var size = 0;
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            Expect(request.ExpectCompressed, context);
            size += request.Payload.Body.Length;
        }

        return new StreamingInputCallResponse { AggregatedPayloadSize = size };
    }

    public override async Task FullDuplexCall(IAsyncStreamReader<StreamingOutputCallRequest> requestStream, IServerStreamWriter<StreamingOutputCallResponse> responseStream, ServerCallContext context)
    {
        await EchoAsync(context, false);
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            Throw(request.ResponseStatus);
            await AnswerAsync(request, responseStream, context);
        }
    }

    private static async Task AnswerAsync(StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responses, ServerCallContext context)
    {
        foreach (var wanted in request.ResponseParameters)
        {
            responses.WriteOptions = OptionsOf(wanted.Compressed);
            await responses.WriteAsync(new StreamingOutputCallResponse { Payload = PayloadOf(wanted.Size) }, context.CancellationToken);
        }
    }

    private static async Task EchoAsync(ServerCallContext context, bool isPacked)
    {
        var initial = new Metadata();
        if (context.RequestHeaders.Get(InitialHeader) is { } first)
        {
            initial.Add(first);
        }

        if (isPacked)
        {
            initial.Add(Packing, "gzip");
        }

        if (context.RequestHeaders.Get(TrailingHeader) is { } last)
        {
            context.ResponseTrailers.Add(last);
        }

        if (initial.Count > 0)
        {
            await context.WriteResponseHeadersAsync(initial);
        }
    }

    // Which of a call's messages are packed gRPC does not tell a handler; the header says whether any may be.
    private static void Expect(BoolValue? packed, ServerCallContext context)
    {
        var encoding = context.GetHttpContext().Request.Headers["grpc-encoding"].ToString();
        if (packed is { Value: true } && encoding is ("" or "identity"))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "the message is not compressed"));
        }
    }

    private static void Throw(EchoStatus? status)
    {
        if (status is not null)
        {
            throw new RpcException(new Status((StatusCode)status.Code, status.Message));
        }
    }

    private static WriteOptions? OptionsOf(BoolValue? packed) => packed?.Value is true ? null : new WriteOptions(WriteFlags.NoCompress);

    private static Payload PayloadOf(int size) => new() { Body = ByteString.CopyFrom(new byte[size]) };
}
