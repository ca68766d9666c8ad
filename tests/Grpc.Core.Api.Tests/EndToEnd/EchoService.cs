namespace Grpc.Core.Api.Tests.EndToEnd;

/// <summary>The service side of the end-to-end tests, derived from generated code.</summary>
internal sealed class EchoService(CallEndings endings) : Echo.EchoBase
{
    public override async Task<Phrase> Say(Phrase request, ServerCallContext context)
    {
        switch (request.Text)
        {
            case "wait":
                await endings.WaitForCancellationAsync(context);
                break;
            case "refuse":
                context.ResponseTrailers.Add("from-context", "yes");
                throw new RpcException(new Status(StatusCode.FailedPrecondition, "拒绝 100%"), new Metadata { { "reason", "CLOSED" }, { "detail-bin", [0, 255, 7] } });
            case "status":
                context.Status = new Status(StatusCode.NotFound, "by status");
                break;
            case "headers":
                return new Phrase { Text = context.RequestHeaders.GetValue("authorization") ?? "none" };
            case "context":
                return new Phrase { Text = $"{context.Method} {context.Host} {context.Peer.Split(':')[0]} {context.Deadline.Kind} {context.AuthContext.IsPeerAuthenticated}" };
        }

        await context.WriteResponseHeadersAsync(new Metadata { { "Seen", request.Text[..Math.Min(request.Text.Length, 20)] } });
        context.ResponseTrailers.Add("length", $"{request.Text.Length}");
        return request;
    }

    public override async Task<Phrase> Join(IAsyncStreamReader<Phrase> requestStream, ServerCallContext context)
    {
        var words = new List<string>();
        await foreach (var phrase in requestStream.ReadAllAsync(context.CancellationToken))
        {
            words.Add(phrase.Text);
        }

        return new Phrase { Text = string.Join(' ', words) };
    }

    public override async Task Split(Phrase request, IServerStreamWriter<Phrase> responseStream, ServerCallContext context)
    {
        foreach (var word in request.Text.Split(' '))
        {
            await responseStream.WriteAsync(new Phrase { Text = word }, context.CancellationToken);
        }

        context.ResponseTrailers.Add("words", "done");
    }

    public override async Task Repeat(IAsyncStreamReader<Phrase> requestStream, IServerStreamWriter<Phrase> responseStream, ServerCallContext context)
    {
        endings.Watch(context);
        while (await requestStream.MoveNext())
        {
            responseStream.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
            await responseStream.WriteAsync(requestStream.Current);
        }
    }
}
