using Exchange.Server.Hosting;

namespace Exchange.Server.Identity;

/// <summary>How a fresh hub gets its first caller.</summary>
internal static class OperatorAccount
{
    /// <summary>Where the hub writes the first caller's private key.</summary>
    public static string KeyFile(HubOptions options) => Path.Combine(options.DataDirectory, "operator-key.pem");
}
