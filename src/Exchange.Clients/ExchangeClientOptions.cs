using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Exchange.Clients.Identity;

namespace Exchange.Clients;

/// <summary>How to reach a hub, and as whom.</summary>
public sealed record ExchangeClientOptions
{
    /// <summary>The hub's gRPC address, e.g. `https://hub.example:5400`.</summary>
    public required Uri Address { get; init; }

    /// <summary>Who calls.</summary>
    public required ClientCredential Credential { get; init; }

    /// <summary>The TLS certificate to show the hub, with its private key: for clients that prove themselves by it or whose tokens are bound to it. Null: none.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Where tokens are to be had; null asks the discovery document at <see cref="Address"/>.</summary>
    public Uri? TokenEndpoint { get; init; }

    /// <summary>The issuer of tokens, which client assertions name as their audience; null asks the discovery document beside the token endpoint, which must then
    /// be of the same origin.</summary>
    public string? Issuer { get; init; }

    /// <summary>How long calls and streams that are safe to repeat are tried again, counted from the first failure since something went well. Default 2 minutes; zero never.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long one try of a call may take that is no stream; then it ends with <see cref="Grpc.Core.StatusCode.DeadlineExceeded"/>. Default 30 s;
    /// <see cref="Timeout.InfiniteTimeSpan"/> leaves it to the hub.
    /// </summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Makes the handler that carries calls; null takes one with keep-alive pings. For tests and odd networks.</summary>
    public Func<HttpMessageHandler>? HandlerFactory { get; init; }

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How TLS is spoken with the hub and its token endpoint.</summary>
    internal SslClientAuthenticationOptions Tls => Certificate is null ? new() : new() { ClientCertificateContext = SslStreamCertificateContext.Create(Certificate, null, offline: true) };
}
