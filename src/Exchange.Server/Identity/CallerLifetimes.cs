using System.Collections.Concurrent;
using Exchange.Catalog;
using Exchange.Server.Grpc;
using Grpc.Core;

namespace Exchange.Server.Identity;

/// <summary>
/// Gives each stream its lifetime. Whether a stream's token still holds is asked four times a second, by the same check as every call's: what ends the one ends
/// the other.
/// </summary>
internal sealed class CallerLifetimes(AccessTokenValidator tokens, IHostApplicationLifetime host, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    // A right that is lost must end its streams within a second.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(700);

    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(4);

    private readonly ConcurrentDictionary<CallerLifetime, OpenStream> open = new();

    /// <summary>The lifetime of this call, which the caller disposes.</summary>
    public CallerLifetime Begin(ServerCallContext context)
    {
        var http = context.GetHttpContext();
        var lifetime = new CallerLifetime(time, http.Abort, ended => open.TryRemove(ended, out _));
        lifetime.EndWith(null, Grace, context.CancellationToken);
        lifetime.EndWith(EdgeReasons.ShuttingDown, ShutdownGrace, host.ApplicationStopping);
        if (http.Features.Get<AccessToken>() is { } token)
        {
            open.TryAdd(lifetime, new(token, tokens.CertificateOf(token, http), AccessTokenValidator.EndOfStreams(token, time.GetUtcNow())));
        }

        return lifetime;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = time.GetUtcNow();
            foreach (var (lifetime, stream) in open)
            {
                if ((stream.EndTime <= now ? IdentityReasons.TokenExpired : tokens.Check(stream.Token, stream.Certificate).Refusal) is { } reason && open.TryRemove(lifetime, out _))
                {
                    // A stream that ends slowly does not hold up the others.
                    _ = Task.Run(() => lifetime.EndNow(reason, Grace), CancellationToken.None);
                }
            }
        }
    }

    private readonly record struct OpenStream(AccessToken Token, PeerCertificate? Certificate, DateTimeOffset EndTime);
}
