using System.Text.Json;
using Exchange.Catalog;
using Exchange.Server.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Exchange.Server.Identity;

/// <summary>What the hub tells about its tokens: server metadata (RFC 8414) and public keys (RFC 7517).</summary>
internal sealed class Discovery(HubAddresses addresses, HubOptions options, SigningKeys keys)
{
    /// <summary>Path of the keys, as OpenIddict names it.</summary>
    public const string KeysPath = "/.well-known/jwks";

    private static readonly string[] GrantTypes = ["client_credentials"];
    private static readonly string[] PlainMethods = ["private_key_jwt", "client_secret_basic", "client_secret_post"];
    private static readonly string[] TlsMethods = ["tls_client_auth", "self_signed_tls_client_auth"];
    private static readonly string[] Algorithms = [PublicKeySet.Es256, PublicKeySet.Ps256];

    private bool TakesCertificates => options.HttpClientCertificates is not ClientCertificateMode.NoCertificate || options.TrustedProxies.Count > 0;

    private string[] AuthenticationMethods => TakesCertificates ? [.. PlainMethods, .. TlsMethods] : PlainMethods;

    /// <summary>Server metadata.</summary>
    public Task WriteMetadataAsync(HttpContext http) => WriteAsync(http, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
    {
        ["issuer"] = addresses.Issuer,
        ["token_endpoint"] = addresses.TokenEndpoint,
        ["introspection_endpoint"] = addresses.Issuer + IntrospectionEndpoint.Path,
        ["revocation_endpoint"] = addresses.Issuer + RevocationEndpoint.Path,
        ["jwks_uri"] = addresses.Issuer + KeysPath,
        ["response_types_supported"] = Array.Empty<string>(),
        ["grant_types_supported"] = GrantTypes,
        ["token_endpoint_auth_methods_supported"] = AuthenticationMethods,
        ["token_endpoint_auth_signing_alg_values_supported"] = Algorithms,
        ["tls_client_certificate_bound_access_tokens"] = TakesCertificates,
        ["introspection_endpoint_auth_methods_supported"] = AuthenticationMethods,
        ["introspection_endpoint_auth_signing_alg_values_supported"] = Algorithms,
        ["revocation_endpoint_auth_methods_supported"] = AuthenticationMethods,
        ["revocation_endpoint_auth_signing_alg_values_supported"] = Algorithms,
    }));

    /// <summary>The keys that sign access tokens.</summary>
    public Task WriteKeysAsync(HttpContext http) => WriteAsync(http, System.Text.Encoding.UTF8.GetBytes(keys.PublicSet));

    private static Task WriteAsync(HttpContext http, byte[] json)
    {
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "public, max-age=300";
        return http.Response.Body.WriteAsync(json, http.RequestAborted).AsTask();
    }
}
