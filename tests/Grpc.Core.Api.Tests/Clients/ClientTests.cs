using Grpc.Core.Api.Tests.EndToEnd;
using Grpc.Core.Api.Tests.Interceptors;
using Grpc.Core.Interceptors;

namespace Grpc.Core.Api.Tests.Clients;

public sealed class ClientTests
{
    private readonly RecordingInvoker invoker = new();

    [Fact]
    public void A_client_calls_over_its_channel()
    {
        var channel = new Channel(invoker);

        new Client(channel).CallEach();

        Assert.Equal(1, channel.Invokers);
        Assert.Equal(5, invoker.Calls.Count);
        Assert.All(invoker.Calls, call => Assert.Null(call.Host));
    }

    [Fact]
    public void A_client_with_a_host_names_it_in_every_kind_of_call()
    {
        var client = new Client(invoker);

        client.WithHost("province.example").CallEach();

        Assert.Equal(5, invoker.Calls.Count);
        Assert.All(invoker.Calls, call => Assert.Equal("province.example", call.Host));
    }

    [Fact]
    public void Naming_a_host_leaves_the_client_itself_as_it_was()
    {
        var client = new Client(invoker);
        client.WithHost("province.example");

        client.CallEach();

        Assert.All(invoker.Calls, call => Assert.Null(call.Host));
    }

    [Fact]
    public void The_host_named_last_counts()
    {
        new Client(invoker).WithHost("first.example").WithHost("second.example").CallEach();

        Assert.All(invoker.Calls, call => Assert.Equal("second.example", call.Host));
    }

    [Fact]
    public void A_host_works_together_with_interceptors()
    {
        var trace = new List<string>();

        new Client(invoker.Intercept(new Tracer("seen", trace))).WithHost("province.example").CallEach();

        Assert.Equal("province.example", invoker.Last.Host);
        Assert.Equal(6, trace.Count);
    }

    [Fact]
    public void A_client_without_a_channel_says_what_is_missing()
    {
        var client = new Client();

        Assert.Throws<NotImplementedException>(() => client.Invoker.BlockingUnaryCall(RecordingInvoker.Method, null, default, ""));
        Assert.Throws<NotImplementedException>(() => client.Invoker.AsyncUnaryCall(RecordingInvoker.Method, null, default, ""));
        Assert.Throws<NotImplementedException>(() => client.Invoker.AsyncServerStreamingCall(RecordingInvoker.Method, null, default, ""));
        Assert.Throws<NotImplementedException>(() => client.Invoker.AsyncClientStreamingCall(RecordingInvoker.Method, null, default));
        Assert.Throws<NotImplementedException>(() => client.Invoker.AsyncDuplexStreamingCall(RecordingInvoker.Method, null, default));
    }

    [Fact]
    public void The_generated_client_names_a_host_too() =>
        Assert.IsType<Echo.EchoClient>(new Echo.EchoClient(invoker).WithHost("province.example"));

    [Fact]
    public async Task A_channel_knows_its_target_and_shuts_down_once_told()
    {
        var channel = new Channel(invoker);

        Assert.Equal("test", channel.Target);
        await channel.ShutdownAsync();
        Assert.True(channel.IsShutDown);
        await new Quiet().ShutdownAsync();
    }

    [Fact]
    public void Null_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => new Channel(invoker, null!));
        Assert.ThrowsAny<Exception>(() => new Client((CallInvoker)null!));
    }

    private sealed class Client : ClientBase<Client>
    {
        internal Client()
        {
        }

        internal Client(ChannelBase channel)
            : base(channel)
        {
        }

        internal Client(CallInvoker invoker)
            : base(invoker)
        {
        }

        private Client(ClientBaseConfiguration configuration)
            : base(configuration)
        {
        }

        internal CallInvoker Invoker => CallInvoker;

        internal void CallEach() => RecordingInvoker.CallEach(CallInvoker);

        protected override Client NewInstance(ClientBaseConfiguration configuration) => new(configuration);
    }

    private sealed class Channel(CallInvoker invoker, string target = "test") : ChannelBase(target)
    {
        internal int Invokers { get; private set; }

        internal bool IsShutDown { get; private set; }

        public override CallInvoker CreateCallInvoker()
        {
            Invokers++;
            return invoker;
        }

        protected override Task ShutdownAsyncCore()
        {
            IsShutDown = true;
            return Task.CompletedTask;
        }
    }

    private sealed class Quiet() : ChannelBase("quiet")
    {
        public override CallInvoker CreateCallInvoker() => throw new NotSupportedException();
    }
}
