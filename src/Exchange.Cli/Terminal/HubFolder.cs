using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Exchange.Cli.Terminal;

/// <summary>Finds the data folder of a hub on this machine, and in it hub.json, which says where the running hub is.</summary>
internal sealed record HubFolder
{
    private static readonly JsonSerializerOptions _format = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>gRPC address.</summary>
    public Uri? Grpc { get; init; }

    /// <summary>Address of the token endpoint and pages.</summary>
    public Uri? Http { get; init; }

    /// <summary>Issuer of tokens.</summary>
    public string? Issuer { get; init; }

    /// <summary>Where tokens are to be had.</summary>
    public Uri? TokenEndpoint { get; init; }

    /// <summary>The first caller's client id.</summary>
    public string? OperatorClient { get; init; }

    /// <summary>The first caller's key.</summary>
    public string? OperatorKeyFile { get; init; }

    /// <summary>The hub's process.</summary>
    public int ProcessId { get; init; }

    /// <summary>Folder of `./exchange serve` in this checkout. The same rule as the hub's own.</summary>
    public static string OfServe => FolderFor(Checkout);

    /// <summary>Folder of `./exchange demo` in this checkout.</summary>
    public static string OfDemo => FolderFor(Checkout + "#demo");

    /// <summary>The data folder.</summary>
    [JsonIgnore]
    public string Folder { get; private init; } = "";

    /// <summary>False for what a hub that was killed left behind.</summary>
    [JsonIgnore]
    public bool IsAlive
    {
        get
        {
            try
            {
                using var process = Process.GetProcessById(ProcessId);
                return !process.HasExited;
            }
            catch (ArgumentException)
            {
                return false;
            }
        }
    }

    /// <summary>What hub.json in a folder says; null when no hub runs there.</summary>
    public static HubFolder? Read(string folder)
    {
        try
        {
            var place = JsonSerializer.Deserialize<HubFolder>(File.ReadAllText(Path.Combine(folder, "hub.json")), _format);
            return place is null ? null : place with { Folder = folder };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static string Root => Environment.IsPrivilegedProcess
        ? "/var/lib/dataexchange"
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } home
                ? home
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share"),
            "dataexchange");

    /// <summary>The checkout this program was built in, or the program's own folder.</summary>
    public static string Checkout
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "DataExchange.sln")))
                {
                    return folder.FullName;
                }
            }

            return AppContext.BaseDirectory;
        }
    }

    /// <summary>True when the program was built in a checkout, which has the script `./exchange`.</summary>
    public static bool IsCheckout => File.Exists(Path.Combine(Checkout, "DataExchange.sln"));

    private static string FolderFor(string name) => Path.Combine(Root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16]);
}
