using Exchange.Clients.Identity;
using Grpc.Core;

namespace Exchange.Clients.Hub;

/// <summary>For one call or stream: decides whether what failed is tried again, and waits in between.</summary>
internal sealed class Recovery(HubConnection hub)
{
    // Nothing passes before its period has: what takes longer than there is patience for is not waited for.
    private const string QuotaExhausted = "QUOTA_EXHAUSTED";

    /// <summary>Longer than keep-alive pings take to find out that nobody is there.</summary>
    private static readonly TimeSpan _stood = TimeSpan.FromMinutes(1);

    private readonly Backoff _backoff = new(hub.Options.RetryFor, hub.Options.Time);
    private long? _opened;
    private bool _renewed;

    /// <summary>Something went well: patience begins anew, with the next failure.</summary>
    public void Progress()
    {
        _backoff.Progress();
        _renewed = false;
    }

    /// <summary>A stream is open: when it stands for a while, that is progress though nothing arrives.</summary>
    public void Opened() => _opened = hub.Options.Time.GetTimestamp();

    /// <summary>Returns when it is time to try again.</summary>
    /// <param name="exception">What failed.</param>
    /// <param name="token">With which token; null when there was none yet, and so nothing was sent.</param>
    /// <param name="isSafe">True when doing it twice does what doing it once does; only then it is tried again after it may have been done.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="ExchangeException">What failed, when it is not to be tried again.</exception>
    public async Task RecoverAsync(Exception exception, AccessToken? token, bool isSafe, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_opened is { } opened && hub.Options.Time.GetElapsedTime(opened) >= _stood)
        {
            Progress();
        }

        _opened = null;
        var failed = exception switch
        {
            RpcException e => ExchangeException.From(e),
            ExchangeException e => e,
            OperationCanceledException e => new ExchangeException(StatusCode.Unavailable, StatusDetails.Transport, "the connection to the hub broke", e),
            _ => throw new ExchangeException(StatusCode.Unknown, StatusDetails.Transport, exception.Message, exception),
        };
        var again = IsRenewable(failed, token) || ((isSafe || token is null || DidNothing(failed)) && IsPassing(failed));
        if (!again || !await _backoff.WaitAsync(failed.RetryDelay, cancellationToken))
        {
            throw failed;
        }
    }

    /// <summary>True when a new token may be taken where this one was not; it will be taken then.</summary>
    private bool IsRenewable(ExchangeException failed, AccessToken? token)
    {
        if (token is null || failed.Code is not StatusCode.Unauthenticated)
        {
            return false;
        }

        switch (failed.Reason)
        {
            case "TOKEN_EXPIRED":
                if (hub.Options.Time.GetUtcNow() >= token.RenewTime)
                {
                    // The hub took the token until its time had come: no failure. A hub that takes no new token either, as its clock is wrong, runs out of patience.
                    _backoff.Progress();
                }

                break;
            case "TOKEN_INVALID" or "TOKEN_REVOKED" when !_renewed:
                // The hub signs with another key now, or somebody ended this token. When it does not take the new token either, that is not why.
                _renewed = true;
                break;
            default:
                return false;
        }

        hub.Tokens.Forget(token.Text);
        return true;
    }

    /// <summary>True for what may go well the next time: the hub is away, sheds load, or the connection broke.</summary>
    private bool IsPassing(ExchangeException failed) =>
        failed.Code is StatusCode.Unavailable
        || (failed.Code is StatusCode.ResourceExhausted && failed.RetryDelay is { } delay && (failed.Reason is not QuotaExhausted || delay <= hub.Options.RetryFor))
        || (failed.Reason is StatusDetails.Transport && failed.Code is StatusCode.Internal or StatusCode.Cancelled or StatusCode.Unknown);

    /// <summary>True when the hub itself says that it decided nothing, so that even what is not safe to repeat may be tried again.</summary>
    private static bool DidNothing(ExchangeException failed) =>
        failed.Reason is "GOVERNANCE_NOT_CONFIRMED" or "RATE_LIMITED" or QuotaExhausted or "TOO_MANY_STREAMS" or "TOO_MANY_CONNECTIONS";
}
