namespace Grpc.Core.Api.Tests.Server;

public sealed class ServerCallContextTests
{
    private readonly FixedContext context = new();

    [Fact]
    public void It_tells_what_its_server_knows()
    {
        Assert.Equal("/tests.Service/Call", context.Method);
        Assert.Equal("hub.example", context.Host);
        Assert.Equal("ipv4:192.0.2.1:5000", context.Peer);
        Assert.Equal(FixedContext.FixedDeadline, context.Deadline);
        Assert.Same(context.FixedRequestHeaders, context.RequestHeaders);
        Assert.Equal(context.Cancellation.Token, context.CancellationToken);
        Assert.Same(context.FixedTrailers, context.ResponseTrailers);
        Assert.Same(context.FixedAuthContext, context.AuthContext);
    }

    [Fact]
    public void Status_and_write_options_are_kept_by_the_server()
    {
        var options = new WriteOptions(WriteFlags.NoCompress);

        context.Status = new Status(StatusCode.NotFound, "gone");
        context.WriteOptions = options;

        Assert.Equal(new Status(StatusCode.NotFound, "gone"), context.Status);
        Assert.Same(options, context.WriteOptions);
    }

    [Fact]
    public void User_state_lives_as_long_as_its_call()
    {
        context.UserState["caller"] = "urban-management";

        Assert.Equal("urban-management", context.UserState["caller"]);
        Assert.Empty(new FixedContext().UserState);
    }

    [Fact]
    public async Task Headers_and_propagation_are_asked_of_the_server()
    {
        var headers = new Metadata();
        await context.WriteResponseHeadersAsync(headers);
        Assert.Same(headers, context.WrittenHeaders);

        Assert.Throws<NotSupportedException>(() => context.CreatePropagationToken(ContextPropagationOptions.Default));
        Assert.Same(ContextPropagationOptions.Default, context.AskedToPropagate);
        Assert.Throws<NotSupportedException>(() => context.CreatePropagationToken());
        Assert.Null(context.AskedToPropagate);
    }
}
