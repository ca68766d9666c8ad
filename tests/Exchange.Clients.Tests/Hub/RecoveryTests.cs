using Exchange.Clients.Hub;
using Exchange.Clients.Identity;
using Exchange.Testing;
using Grpc.Core;

namespace Exchange.Clients.Tests.Hub;

public sealed class RecoveryTests : IAsyncDisposable
{
    private static readonly TimeSpan _retryFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);
    private static readonly ExchangeException _away = new(StatusCode.Unavailable, "SHUTTING_DOWN", "the hub is shutting down");
    private static readonly ExchangeException _expired = new(StatusCode.Unauthenticated, "TOKEN_EXPIRED", "the access token has expired");

    private readonly SteppedTime _time = new();
    private readonly HubConnection _hub;

    public RecoveryTests() => _hub = new HubConnection(new ExchangeClientOptions
    {
        Address = new Uri("http://hub.example"),
        Credential = ClientCredential.Secret("centre-system", "a secret"),
        RetryFor = _retryFor,
        Time = _time,
    });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_failure_after_a_long_silence_is_tried_again()
    {
        var recovery = new Recovery(_hub);
        _time.Advance(_hour);
        await recovery.RecoverAsync(_away, Token(), true, Cancellation);
        recovery.Progress();
        _time.Advance(_hour);

        await recovery.RecoverAsync(_away, Token(), true, Cancellation);
    }

    [Fact]
    public async Task What_fails_for_too_long_without_progress_is_given_up()
    {
        var recovery = new Recovery(_hub);
        await recovery.RecoverAsync(_away, Token(), true, Cancellation);
        _time.Advance(_retryFor / 2);
        recovery.Opened();
        await recovery.RecoverAsync(_away, Token(), true, Cancellation);
        _time.Advance(_retryFor / 2);
        recovery.Opened();

        var given = await Assert.ThrowsAsync<ExchangeException>(() => recovery.RecoverAsync(_away, Token(), true, Cancellation));

        Assert.Same(_away, given);
    }

    [Fact]
    public async Task A_hub_that_asks_for_more_time_than_there_is_patience_gets_one_try_at_its_end()
    {
        await using var hasty = new HubConnection(_hub.Options with { RetryFor = TimeSpan.FromMilliseconds(50), Time = TimeProvider.System });
        var full = new ExchangeException(StatusCode.ResourceExhausted, "DISK_NEARLY_FULL", "too little free space") { RetryDelay = _hour };
        var recovery = new Recovery(hasty);

        await recovery.RecoverAsync(full, Token(), true, Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }

    [Theory]
    [InlineData("RATE_LIMITED")]
    [InlineData("QUOTA_EXHAUSTED")]
    [InlineData("TOO_MANY_STREAMS")]
    [InlineData("TOO_MANY_CONNECTIONS")]
    public async Task A_call_that_a_limit_refused_did_nothing_and_is_tried_again_but_not_for_ever(string reason)
    {
        var limited = new ExchangeException(StatusCode.ResourceExhausted, reason, "too many") { RetryDelay = TimeSpan.FromSeconds(1) };
        var recovery = new Recovery(_hub);
        await recovery.RecoverAsync(limited, Token(), false, Cancellation);

        _time.Advance(_retryFor);

        await Assert.ThrowsAsync<ExchangeException>(() => recovery.RecoverAsync(limited, Token(), false, Cancellation));
    }

    [Fact]
    public async Task A_quota_that_begins_anew_after_there_is_patience_is_not_waited_for()
    {
        var exhausted = new ExchangeException(StatusCode.ResourceExhausted, "QUOTA_EXHAUSTED", "tomorrow") { RetryDelay = _hour };

        Assert.Same(exhausted, await Assert.ThrowsAsync<ExchangeException>(() => new Recovery(_hub).RecoverAsync(exhausted, Token(), true, Cancellation)));
    }

    [Fact]
    public async Task A_stream_that_stood_for_a_while_was_progress_though_nothing_arrived()
    {
        var recovery = new Recovery(_hub);
        for (var restart = 0; restart < 3; restart++)
        {
            recovery.Opened();
            _time.Advance(_hour);
            await recovery.RecoverAsync(_away, Token(), true, Cancellation);
        }
    }

    [Fact]
    public async Task A_token_whose_time_had_come_is_no_failure_however_often()
    {
        var recovery = new Recovery(_hub);
        for (var renewal = 0; renewal < 3; renewal++)
        {
            var token = Token();
            _time.Advance(TimeSpan.FromSeconds(30));
            await recovery.RecoverAsync(_expired, token, false, Cancellation);
        }
    }

    [Fact]
    public async Task A_hub_that_takes_fresh_tokens_for_expired_ones_is_given_up()
    {
        var recovery = new Recovery(_hub);
        await recovery.RecoverAsync(_expired, Token(), true, Cancellation);
        _time.Advance(_retryFor);

        await Assert.ThrowsAsync<ExchangeException>(() => recovery.RecoverAsync(_expired, Token(), true, Cancellation));
    }

    [Theory]
    [InlineData("TOKEN_INVALID")]
    [InlineData("TOKEN_REVOKED")]
    public async Task A_token_that_the_hub_does_not_know_or_that_was_revoked_is_renewed_once_until_there_is_progress(string reason)
    {
        var invalid = new ExchangeException(StatusCode.Unauthenticated, reason, "get a new one");
        var recovery = new Recovery(_hub);
        await recovery.RecoverAsync(invalid, Token(), false, Cancellation);
        await Assert.ThrowsAsync<ExchangeException>(() => recovery.RecoverAsync(invalid, Token(), false, Cancellation));

        recovery.Progress();

        await recovery.RecoverAsync(invalid, Token(), false, Cancellation);
    }

    [Fact]
    public async Task What_may_have_been_done_is_tried_again_only_where_that_is_safe()
    {
        var recovery = new Recovery(_hub);

        await Assert.ThrowsAsync<ExchangeException>(() => recovery.RecoverAsync(_away, Token(), false, Cancellation));
        await recovery.RecoverAsync(_away, null, false, Cancellation);
        await recovery.RecoverAsync(_away, Token(), true, Cancellation);
    }

    [Fact]
    public async Task Whoever_cancels_learns_that_and_nothing_else()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var broken = new RpcException(new Status(StatusCode.PermissionDenied, "refused at the same moment"));

        var thrown = await Assert.ThrowsAsync<OperationCanceledException>(() => new Recovery(_hub).RecoverAsync(broken, Token(), true, cancelled.Token));

        Assert.Equal(cancelled.Token, thrown.CancellationToken);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    private AccessToken Token() => new("a token", _time.GetUtcNow() + TimeSpan.FromSeconds(20));
}
