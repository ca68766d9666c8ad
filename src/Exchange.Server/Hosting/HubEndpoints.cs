using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Exchange.Server.Grpc.Connections;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Exchange.Server.Hosting;

/// <summary>The two addresses the hub listens on, and the limits of their connections.</summary>
internal sealed class HubEndpoints
{
    /// <summary>Largest gRPC message in either direction, decompressed: 4 MiB.</summary>
    public const int LargestMessageBytes = 4 * 1024 * 1024;

    /// <summary>All request headers of a call together, names and values: 16 KiB. The edge refuses more with a status.</summary>
    public const int LargestMetadataBytes = 16 * 1024;

    // Beyond this the connection itself is refused, without a status.
    private const int LargestHeaderBytes = 4 * LargestMetadataBytes;

    /// <summary>Calls at once on one connection; a client with more opens another connection.</summary>
    public const int StreamsPerConnection = 256;

    // Without a call: who calls less often opens another. Kestrel counts it from the accept, so that whoever connects and says nothing is gone by then, too.
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(130);

    // For the headers of a call and for TLS: a slow line needs less, and what never ends holds a connection.
    private static readonly TimeSpan LongestHeaders = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<Endpoint> endpoints;

    private HubEndpoints(IReadOnlyList<Endpoint> endpoints) => this.endpoints = endpoints;

    /// <summary>
    /// Reads addresses and certificate, before anything is started. Complaints are plain HTTP beyond loopback, an address that is none of this machine's
    /// form, a certificate that cannot be read.
    /// </summary>
    public static HubEndpoints Open(HubOptions options, StartComplaints complaints)
    {
        if (options.Issuer is null && options.HttpAddress.Host is "0.0.0.0" or "[::]")
        {
            complaints.Add($"clients cannot reach a token issuer called `{options.HttpAddress}`: give --issuer, the URL clients use");
        }

        return new HubEndpoints(
        [
            .. new[]
            {
                Read(options, options.GrpcAddress, HttpProtocols.Http2, options.GrpcClientCertificates, complaints),
                Read(options, options.HttpAddress, HttpProtocols.Http1, options.HttpClientCertificates, complaints),
            }.OfType<Endpoint>(),
        ]);
    }

    /// <summary>Listens.</summary>
    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.KeepAliveTimeout = LongestIdle;
        limits.RequestHeadersTimeout = LongestHeaders;
        limits.MaxRequestHeadersTotalSize = LargestHeaderBytes;
        limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
        limits.Http2.MaxRequestHeaderFieldSize = LargestHeaderBytes;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);

        // A feed may stand still for minutes because its reader does: the feed has a bound of its own, single answers have theirs (UntakenAnswer), and dead
        // peers fail the pings.
        limits.MinResponseDataRate = null;
        var connections = kestrel.ApplicationServices.GetRequiredService<HubConnections>();
        foreach (var endpoint in endpoints)
        {
            kestrel.Listen(endpoint.Address, endpoint.Port, listen =>
            {
                listen.Protocols = endpoint.Protocols;
                listen.Use(next => connection => connections.RunAsync(connection, next));
                if (endpoint.Certificate is { } certificate)
                {
                    listen.UseHttps(new TlsHandshakeCallbackOptions
                    {
                        OnConnection = _ => ValueTask.FromResult(Tls(certificate, endpoint.ClientCertificates)),
                        HandshakeTimeout = LongestHeaders,
                    });
                }

                if (endpoint.Protocols is HttpProtocols.Http2)
                {
                    listen.Use(next => connection => connections.WatchFramesAsync(connection, next));
                }
            });
        }
    }

    // Whose certificate it is the token endpoint and the edge find out: here the peer only proves that it has the key. A session that is resumed would
    // bring a certificate that was looked at earlier.
    private static SslServerAuthenticationOptions Tls(ServerCertificate certificate, ClientCertificateMode mode) => new()
    {
        ServerCertificateContext = certificate.Current(),
        ClientCertificateRequired = mode is not ClientCertificateMode.NoCertificate,
        RemoteCertificateValidationCallback = (_, peer, _, _) => peer is not null || mode is not ClientCertificateMode.RequireCertificate,
        AllowTlsResume = mode is ClientCertificateMode.NoCertificate,
    };

    private static Endpoint? Read(HubOptions options, Uri address, HttpProtocols protocols, ClientCertificateMode clientCertificates, StartComplaints complaints)
    {
        var ip = address.Host is "localhost" ? IPAddress.Loopback : IPAddress.TryParse(address.Host.Trim('[', ']'), out var parsed) ? parsed : null;
        if (ip is null)
        {
            complaints.Add($"cannot listen at `{address.Host}`: give an IP address of this machine, or localhost");
        }

        else if (Occupied(ip, address.Port) is { } reason)
        {
            complaints.Add($"cannot listen at `{address}`: {reason}; another hub may be running, or give other addresses");
        }

        var isTls = address.Scheme is "https";
        if (!isTls && ip is not null && !IPAddress.IsLoopback(ip))
        {
            complaints.Add(
                UnsafeSetting.PlainHttp,
                $"`{address}` would be served without TLS beyond this machine: use https with --tls-certificate-file (plain is for a proxy on a private network "
                + "that speaks TLS for the hub)");
        }

        if (!isTls && clientCertificates is not ClientCertificateMode.NoCertificate)
        {
            complaints.Add($"client certificates need TLS: `{address}` must be https");
        }

        var certificate = isTls ? ServerCertificate.Open(options, complaints) : null;
        return ip is null ? null : new Endpoint(ip, address.Port, protocols, certificate, clientCertificates);
    }

    private static string? Occupied(IPAddress ip, int port)
    {
        try
        {
            using var probe = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(ip, port));
            return null;
        }
        catch (SocketException e)
        {
            return e.Message;
        }
    }

    private sealed record Endpoint(IPAddress Address, int Port, HttpProtocols Protocols, ServerCertificate? Certificate, ClientCertificateMode ClientCertificates);
}
