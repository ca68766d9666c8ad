using Exchange.Clients;
using Exchange.Clients.Records;
using Exchange.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Server.Tests.Clients.Scripted;

/// <summary>Pulls whose stream breaks at a chosen place.</summary>
public sealed class PullResumeTests
{
    private readonly List<PullRequest> _requests = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_that_breaks_after_the_last_row_of_the_limit_is_not_opened_again()
    {
        await using var hub = await ScriptedHub.StartAsync();
        hub.Pull = (request, responses, context) => SendAsync(request, responses, 3, ScriptedHub.Refusal(StatusCode.Unavailable, "SHUTTING_DOWN"), context);
        await using var stream = await hub.Connect().Records.PullAsync(new PullRequest { Resource = Tickets.Resource, Limit = 3 }, Cancellation);

        await ReadAsync(stream);

        Assert.Equal((3, 1), (stream.Rows, stream.Connections));
        Assert.Single(_requests);
    }

    [Fact]
    public async Task A_stream_that_breaks_before_goes_on_with_what_is_left_of_the_limit()
    {
        await using var hub = await ScriptedHub.StartAsync();
        hub.Pull = (request, responses, context) => SendAsync(request, responses, _requests.Count is 0 ? 2 : 1, ScriptedHub.Refusal(StatusCode.Unavailable, "SHUTTING_DOWN"), context);
        await using var stream = await hub.Connect().Records.PullAsync(new PullRequest { Resource = Tickets.Resource, Limit = 3 }, Cancellation);

        await ReadAsync(stream);

        Assert.Equal(3, stream.Rows);
        Assert.Equal([("", 3L), ("after 2", 1L)], _requests.Select(r => (r.PageToken, r.Limit)));
    }

    [Fact]
    public async Task A_pull_that_cannot_go_on_as_the_plan_changed_meanwhile_says_so()
    {
        await using var hub = await ScriptedHub.StartAsync();
        hub.Pull = (request, responses, context) => request.PageToken.Length > 0
            ? throw ScriptedHub.Refusal(StatusCode.Aborted, "PLAN_CHANGED")
            : SendAsync(request, responses, 2, ScriptedHub.Refusal(StatusCode.Unavailable, "SHUTTING_DOWN"), context);
        await using var stream = await hub.Connect().Records.PullAsync(new PullRequest { Resource = Tickets.Resource }, Cancellation);

        var changed = await Assert.ThrowsAsync<ExchangeException>(() => ReadAsync(stream));

        Assert.Equal((StatusCode.Aborted, "PLAN_CHANGED"), (changed.Code, changed.Reason));
        Assert.Equal((2, 2), (stream.Rows, stream.Connections));
    }

    private async Task SendAsync(PullRequest request, IServerStreamWriter<PullResponse> responses, int rows, RpcException end, ServerCallContext context)
    {
        _requests.Add(request);
        if (_requests.Count > 3)
        {
            throw ScriptedHub.Refusal(StatusCode.FailedPrecondition, "ASKED_TOO_OFTEN");
        }

        await responses.WriteAsync(new PullResponse { Start = new PullStart { Checkpoint = "c" } }, context.CancellationToken);
        var batch = new RecordBatch { PageToken = $"after {rows}", Rows = { Enumerable.Range(0, rows).Select(_ => new RecordRow { RecordId = ByteString.CopyFrom(new byte[16]) }) } };
        await responses.WriteAsync(new PullResponse { Batch = batch }, context.CancellationToken);
        throw end;
    }

    private static async Task ReadAsync(PullStream stream)
    {
        await foreach (var batch in stream.WithCancellation(Cancellation))
        {
            Assert.NotEmpty(batch.Rows);
        }
    }
}
