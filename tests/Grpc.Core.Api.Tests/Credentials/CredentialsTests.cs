namespace Grpc.Core.Api.Tests.Credentials;

/// <summary>What credentials tell the channel that uses them.</summary>
public sealed class CredentialsTests
{
    private static readonly AsyncAuthInterceptor Interceptor = (_, _) => Task.CompletedTask;

    private readonly object state = new();

    [Fact]
    public void Call_credentials_from_an_interceptor_hand_it_over()
    {
        var told = new CallTold();

        CallCredentials.FromInterceptor(Interceptor).InternalPopulateConfiguration(told, state);

        Assert.Equal([(state, Interceptor)], told.Interceptors);
    }

    [Fact]
    public void Composed_call_credentials_hand_over_all_in_order()
    {
        var (a, b, c) = (Call(), Call(), Call());
        var told = new CallTold();

        CallCredentials.Compose(a, b, c).InternalPopulateConfiguration(told, state);

        var (seen, credentials) = Assert.Single(told.Composites);
        Assert.Same(state, seen);
        Assert.Equal([a, b, c], credentials);
    }

    [Fact]
    public void Composing_copies_what_it_was_given()
    {
        CallCredentials[] given = [Call(), Call()];
        var (first, told) = (given[0], new CallTold());
        var composed = CallCredentials.Compose(given);
        given[0] = Call();

        composed.InternalPopulateConfiguration(told, state);

        Assert.Same(first, told.Composites.Single().Credentials[0]);
    }

    [Fact]
    public void Composing_takes_at_least_two()
    {
        Assert.Throws<ArgumentException>(() => CallCredentials.Compose());
        Assert.Throws<ArgumentException>(() => CallCredentials.Compose(Call()));
        Assert.Throws<ArgumentNullException>(() => CallCredentials.Compose(null!));
        Assert.Throws<ArgumentNullException>(() => CallCredentials.FromInterceptor(null!));
    }

    [Fact]
    public void An_insecure_channel_says_so()
    {
        var told = new ChannelTold();

        ChannelCredentials.Insecure.InternalPopulateConfiguration(told, state);

        Assert.Equal(["insecure"], told.Kinds);
        Assert.Same(state, told.State);
    }

    [Fact]
    public void TLS_hands_over_roots_certificate_and_callback()
    {
        var (pair, told) = (new KeyCertificatePair("certificate", "key"), new ChannelTold());
        VerifyPeerCallback callback = _ => true;
        var credentials = new SslCredentials("roots", pair, callback);

        credentials.InternalPopulateConfiguration(told, state);

        Assert.Equal(["ssl"], told.Kinds);
        Assert.Equal(("roots", pair, callback), told.Ssl);
        Assert.Equal(("roots", pair), (credentials.RootCertificates, credentials.KeyCertificatePair));
        Assert.Equal(("certificate", "key"), (pair.CertificateChain, pair.PrivateKey));
    }

    [Fact]
    public void TLS_without_arguments_leaves_everything_to_the_machine()
    {
        foreach (var credentials in new[] { ChannelCredentials.SecureSsl, new SslCredentials(), new SslCredentials(null!), new SslCredentials(null!, null!) })
        {
            var told = new ChannelTold();

            credentials.InternalPopulateConfiguration(told, state);

            Assert.Equal((null, null, null), told.Ssl);
        }
    }

    [Fact]
    public void Shared_credentials_are_always_the_same()
    {
        Assert.Same(ChannelCredentials.Insecure, ChannelCredentials.Insecure);
        Assert.Same(ChannelCredentials.SecureSsl, ChannelCredentials.SecureSsl);
    }

    [Fact]
    public void A_channel_with_call_credentials_hands_both_over()
    {
        var (channel, call) = (new SslCredentials(), Call());
        var told = new ChannelTold();

        ChannelCredentials.Create(channel, call).InternalPopulateConfiguration(told, state);

        Assert.Equal(["composite"], told.Kinds);
        Assert.Equal((channel, call), told.Composite);
        Assert.Same(state, told.State);
    }

    [Fact]
    public void Call_credentials_are_added_once()
    {
        var composite = ChannelCredentials.Create(ChannelCredentials.SecureSsl, Call());

        Assert.Throws<ArgumentException>(() => ChannelCredentials.Create(composite, Call()));
    }

    [Fact]
    public void Null_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => ChannelCredentials.Create(null!, Call()));
        Assert.Throws<ArgumentNullException>(() => ChannelCredentials.Create(ChannelCredentials.SecureSsl, null!));
        Assert.Throws<ArgumentNullException>(() => new KeyCertificatePair(null!, "key"));
        Assert.Throws<ArgumentNullException>(() => new KeyCertificatePair("certificate", null!));
    }

    [Fact]
    public void The_context_of_an_interceptor_names_the_call()
    {
        using var cancellation = new CancellationTokenSource();

        var context = new AuthInterceptorContext("https://hub.example/exchange.v1.Records", "Get", cancellation.Token);

        Assert.Equal(("https://hub.example/exchange.v1.Records", "Get"), (context.ServiceUrl, context.MethodName));
        Assert.Equal(cancellation.Token, context.CancellationToken);
        Assert.Equal(CancellationToken.None, new AuthInterceptorContext("url", "method").CancellationToken);
        Assert.Throws<ArgumentNullException>(() => new AuthInterceptorContext(null!, "method"));
        Assert.Throws<ArgumentNullException>(() => new AuthInterceptorContext("url", null!));
    }

    private static CallCredentials Call() => CallCredentials.FromInterceptor(Interceptor);

    private sealed class CallTold : CallCredentialsConfiguratorBase
    {
        internal List<(object? State, AsyncAuthInterceptor Interceptor)> Interceptors { get; } = [];

        internal List<(object? State, IReadOnlyList<CallCredentials> Credentials)> Composites { get; } = [];

        public override void SetAsyncAuthInterceptorCredentials(object? state, AsyncAuthInterceptor interceptor) => Interceptors.Add((state, interceptor));

        public override void SetCompositeCredentials(object? state, IReadOnlyList<CallCredentials> credentials) => Composites.Add((state, credentials));
    }

    private sealed class ChannelTold : ChannelCredentialsConfiguratorBase
    {
        internal List<string> Kinds { get; } = [];

        internal object? State { get; private set; }

        internal (string? Roots, KeyCertificatePair? Pair, VerifyPeerCallback? Callback) Ssl { get; private set; }

        internal (ChannelCredentials Channel, CallCredentials Call) Composite { get; private set; }

        public override void SetInsecureCredentials(object state) => Tell("insecure", state);

        public override void SetSslCredentials(
            object state, string? rootCertificates, KeyCertificatePair? keyCertificatePair, VerifyPeerCallback? verifyPeerCallback)
        {
            Tell("ssl", state);
            Ssl = (rootCertificates, keyCertificatePair, verifyPeerCallback);
        }

        public override void SetCompositeCredentials(object state, ChannelCredentials channelCredentials, CallCredentials callCredentials)
        {
            Tell("composite", state);
            Composite = (channelCredentials, callCredentials);
        }

        private void Tell(string kind, object given)
        {
            Kinds.Add(kind);
            State = given;
        }
    }
}
