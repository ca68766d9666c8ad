using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Identity.Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;

namespace Exchange.Server.Tests.Grpc.InteropCases;

/// <summary>How a case comes to the hub.</summary>
public enum InteropTransport
{
    /// <summary>HTTP/2 without TLS, on loopback.</summary>
    Plain,

    /// <summary>TLS, with a token that is bound to nothing.</summary>
    Tls,

    /// <summary>TLS with a certificate, and a token that is bound to it.</summary>
    MutualTls,
}

/// <summary>Hubs with the service of the cases, with and without TLS, and clients with tokens of theirs.</summary>
[SupportedOSPlatform("linux")]
public sealed class InteropHubs : IAsyncLifetime
{
    private static readonly TestHubSettings Settings = new() { Map = application => application.MapGrpcService<InteropService>() };

    private readonly X509Certificate2 certificate = TestAuthority.SelfSign("CN=interop");
    private CertificateHub secure = null!;
    private TestHub plain = null!;
    private string bound = "";

    /// <summary>A channel to the hub, what went over it, and calls with a good token. The caller disposes the channel.</summary>
    internal (GrpcChannel Channel, WireRecorder Wire, CallInvoker Calls) Connect(InteropTransport transport)
    {
        var (hub, own, token) = transport switch
        {
            InteropTransport.Plain => (plain, null, plain.Operator.AccessToken),
            InteropTransport.Tls => (secure.Hub, null, secure.Hub.Operator.AccessToken),
            _ => (secure.Hub, certificate, bound),
        };
        var wire = new WireRecorder(TestHub.HandlerWith(own));
        var channel = GrpcChannel.ForAddress(hub.Node.Addresses.Grpc, new GrpcChannelOptions { HttpHandler = wire, DisposeHttpClient = true });
        return (channel, wire, TestClient.With(channel, token));
    }

    /// <summary>Calls with the bound token over a connection without its certificate. The caller disposes the channel.</summary>
    internal (GrpcChannel Channel, CallInvoker Calls) ConnectWithoutCertificate()
    {
        var channel = secure.Hub.ChannelWith(null);
        return (channel, TestClient.With(channel, bound));
    }

    public async ValueTask InitializeAsync()
    {
        plain = await TestHub.StartAsync("interop_cases", Settings);
        secure = await CertificateHub.StartAsync("interop_cases", settings: Settings);
        await secure.RegisterAsync("interop", new Client { Authentication = ClientAuthentication.SelfSignedTlsClientAuth, Certificates = certificate.ExportCertificatePem() });
        bound = await secure.AskAsync("interop", certificate);
    }

    public async ValueTask DisposeAsync()
    {
        await plain.DisposeAsync();
        await secure.DisposeAsync();
        certificate.Dispose();
    }
}
