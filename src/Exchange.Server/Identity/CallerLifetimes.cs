using Exchange.Server.Grpc;
using Grpc.Core;

namespace Exchange.Server.Identity;

/// <summary>Gives each stream its lifetime.</summary>
internal sealed class CallerLifetimes(ClientDirectory clients, RevokedTokens revoked, IHostApplicationLifetime host, TimeProvider time)
{
    // A right that is lost must end its streams within a second.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(800);

    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(4);

    /// <summary>The lifetime of this call, which the caller disposes.</summary>
    public CallerLifetime Begin(ServerCallContext context)
    {
        var http = context.GetHttpContext();
        var lifetime = new CallerLifetime(time, http.Abort);
        lifetime.EndWith(null, Grace, context.CancellationToken);
        lifetime.EndWith(EdgeReasons.ShuttingDown, ShutdownGrace, host.ApplicationStopping);
        if (http.Features.Get<AccessToken>() is { } token)
        {
            lifetime.EndWith(IdentityReasons.ClientDisabled, Grace, clients.WhenDisabled(token.Caller.Client));
            lifetime.EndWith(IdentityReasons.TokenRevoked, Grace, revoked.WhenRevoked(token));
            lifetime.EndAt(AccessTokenValidator.EndOfStreams(token, time.GetUtcNow()), IdentityReasons.TokenExpired, Grace);
        }

        return lifetime;
    }
}
