using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog;

namespace Exchange.Server.Identity;

/// <summary>
/// Names of what clients prove themselves with. An access token carries the one it was given for, and is good as long as the client still has it: a key that is
/// taken away takes its tokens along.
/// </summary>
internal static class ClientCredentials
{
    /// <summary>The name of a client's secret or certificate name, which it has one of; a key or certificate is called by its thumbprint.</summary>
    public static string NameOf(ClientRegistration client) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(
        client.CertificateName is { } name ? $"certificate name\n{name.SubjectDn}\n{name.SanDns}" : $"secret\n{client.SecretHash}")));

    /// <summary>True while what is called so proves who the client is.</summary>
    public static bool IsGood(ClientRegistration client, string credential, DateTimeOffset now)
    {
        foreach (var key in client.Keys)
        {
            if (key.Id == credential)
            {
                return key.IsGood(now);
            }
        }

        return client.Authentication is ClientAuthentication.ClientSecret or ClientAuthentication.Tls && credential == NameOf(client);
    }
}
