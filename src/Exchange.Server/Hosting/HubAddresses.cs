using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Exchange.Server.Hosting;

/// <summary>Where this node really is, free ports resolved. To be asked once the node listens.</summary>
public sealed class HubAddresses
{
    private readonly Lazy<Uri> grpc;
    private readonly Lazy<Uri> http;
    private readonly Lazy<string> issuer;

    /// <summary>Asks the server when first needed: it knows its ports only then.</summary>
    public HubAddresses(IServer server, HubOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);

        // The server lists its addresses in the order HubEndpoints listens.
        grpc = new(() => At(server, 0));
        http = new(() => At(server, 1));
        issuer = new(() => (options.Issuer ?? Http).ToString().TrimEnd('/'));
    }

    /// <summary>Adds an issuer whom clients would send secrets in the clear.</summary>
    internal static void Check(HubOptions options, StartComplaints complaints)
    {
        if (options.Issuer is { Scheme: "http", IsLoopback: false } issuer)
        {
            complaints.Add(UnsafeSetting.PlainHttp, $"clients would send secrets to the issuer `{issuer}`, and get tokens from it, without TLS: give --issuer an https address");
        }
    }

    /// <summary>gRPC, HTTP/2.</summary>
    public Uri Grpc => grpc.Value;

    /// <summary>Token endpoint and pages, HTTP/1.1.</summary>
    public Uri Http => http.Value;

    /// <summary>Issuer of access tokens, without a final slash.</summary>
    public string Issuer => issuer.Value;

    /// <summary>Where clients get tokens, as discovery names it.</summary>
    public string TokenEndpoint => Issuer + Identity.TokenEndpoint.Path;

    private static Uri At(IServer server, int index) =>
        server.Features.Get<IServerAddressesFeature>()?.Addresses.ElementAtOrDefault(index) is { } address
            ? new Uri(address)
            : throw new InvalidOperationException("the hub does not listen yet");
}
