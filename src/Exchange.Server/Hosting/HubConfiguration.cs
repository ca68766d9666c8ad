using System.Collections;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Exchange.Catalog;
using Exchange.Server.Grpc.Limits;
using Exchange.Server.Identity.External;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Exchange.Server.Hosting;

/// <summary>
/// Reads the hub's settings. Later wins: <c>Hub</c> in appsettings.json (<c>GrpcAddress</c>), environment (<c>EXCHANGE_GRPC_ADDRESS</c>),
/// command line (<c>--grpc-address URL</c> or <c>--grpc-address=URL</c>). An unknown name on the command line is refused.
/// </summary>
public static class HubConfiguration
{
    private const int MostCount = 1_000_000;

    private static readonly Setting[] Settings =
    [
        new("connection-string", "database; without one the hub runs a private PostgreSQL", (o, v) => o with { ConnectionString = v }),
        new("one-partition-per-transaction", "on Citus: appends never span partitions, default false", (o, v) => o with { OnePartitionPerTransaction = YesOrNo(v) }, "true"),
        new("data-directory", "folder of hub.json, key files and the private PostgreSQL", (o, v) => o with { DataDirectory = v }),
        new("grpc-address", "URL to serve gRPC at, default http://127.0.0.1:5400; port 0 picks a free one", (o, v) => o with { GrpcAddress = Address(v) }),
        new("http-address", "URL to serve tokens and pages at, default http://127.0.0.1:5401", (o, v) => o with { HttpAddress = Address(v) }),
        new("tls-certificate-file", "PEM certificate chain for https addresses", (o, v) => o with { TlsCertificateFile = v }),
        new("tls-key-file", "PEM private key of the certificate", (o, v) => o with { TlsKeyFile = v }),
        new("grpc-client-certificates", "client certificates at the gRPC address: none, optional or required, default none", (o, v) => o with { GrpcClientCertificates = Certificates(v) }),
        new("http-client-certificates", "client certificates at the HTTP address, likewise", (o, v) => o with { HttpClientCertificates = Certificates(v) }),
        new("client-ca-file", "PEM certificates of the authorities whose certificates prove clients by name", (o, v) => o with { ClientCaFile = v }),
        new("client-crl-file", "PEM revocation lists of these authorities", (o, v) => o with { ClientCrlFile = v }),
        new("trusted-proxies", "addresses (or networks) of proxies that tell the client's certificate in header client-cert", (o, v) => o with { TrustedProxies = Networks(v) }),
        new("signing-key-file", "PEM EC P-256 key that a new hub signs access tokens with; without it the hub makes one", (o, v) => o with { SigningKeyFile = v }),
        new("signing-key-period", "days until another key signs access tokens, 1 to 3650, default 90", (o, v) => o with { SigningKeyPeriod = Days(v) }),
        new("hub-key-file", "key that wraps the data keys and seals the signing keys, 32 bytes in base64; nodes share it", (o, v) => o with { HubKeyFile = v }),
        new("issuer", "issuer of access tokens, an URL clients reach; nodes share it", (o, v) => o with { Issuer = Address(v) }),
        new("external-issuer", "an OpenID issuer beside the hub's own: authority=URL;departments=ID,ID[;audience=;department-claim=;client-claim=;role-claim=;roles=THEIRS:OURS,...;token-types=]", (o, v) => o with { ExternalIssuer = ExternalIssuerOptions.Parse(v) }),
        new("audience", "audience of access tokens, default dataexchange", (o, v) => o with { Audience = v }),
        new("access-token-lifetime", "seconds, 1 to 600, default 600", (o, v) => o with { AccessTokenLifetime = Seconds(v, least: 1, most: 600) }),
        new("session-lifetime", "seconds a user's session lives at most, 60 to 86400, default 43200", (o, v) => o with { SessionLifetime = Seconds(v, least: 60) }),
        new("session-idle", "seconds a user's session lives without use, 60 to 86400, default 1800", (o, v) => o with { SessionIdle = Seconds(v, least: 60) }),
        new("default-deadline", "seconds a unary call may take that brings no deadline, default 30", (o, v) => o with { DefaultDeadline = Seconds(v) }),
        new("longest-deadline", "seconds a unary call may take whatever deadline it brings, 1 to 86400, default 3600", (o, v) => o with { LongestDeadline = Seconds(v) }),
        new("limits", $"rates and quotas, default {LimitRules.Standard}; SCOPE[:Service/Method]=COUNT/PERIOD of client, department, address and second, minute, hour, day", (o, v) => o with { Limits = LimitRules.Parse(v) }),
        new("most-streams", "streams that a client may have open on a node, default 1000", (o, v) => o with { MostStreams = Count(v) }),
        new("most-connections-of-address", "connections that one address may have to a node, default 1000", (o, v) => o with { MostConnectionsOfAddress = Count(v) }),
        new("most-connections-of-client", "connections that one client may have to a node, default 200", (o, v) => o with { MostConnectionsOfClient = Count(v) }),
        new("most-resets", "calls that one address may reset at once in a second, default 100", (o, v) => o with { MostResets = Count(v) }),
        new("memory-limit", "MiB of memory the node keeps to, at least 384; default: what the container or the machine has", (o, v) => o with { MemoryLimit = Mebibytes(v) }),
        new("operator-department", "department of the first caller, default hub-operator", (o, v) => o with { OperatorDepartment = Department(v) }),
        new("operator-client", "id of the first caller, default operator", (o, v) => o with { OperatorClient = Client(v) }),
        new("operator-jwks-file", "public keys of the first caller; without it the hub makes operator-key.pem", (o, v) => o with { OperatorJwksFile = v }),
        new("unsafe", "accept unsafe settings: all, or a list of " + string.Join(',', Enum.GetValues<UnsafeSetting>().Select(Name)), (o, v) => o with { Unsafe = Unsafe(v) }, "all"),
    ];

    /// <summary>What <c>--help</c> prints.</summary>
    public static string Help => string.Join(
        '\n',
        [
            "usage: Exchange.Server [--NAME VALUE]…   (or EXCHANGE_NAME in the environment, or Hub:Name in appsettings.json)",
            "       Exchange.Server renew-generation [--NAME VALUE]…   once, after a backup was restored and before the first node starts",
            .. Settings.Select(s => $"  --{s.Name,-30} {s.Help}"),
        ]);

    /// <summary>The settings from all sources. Throws <see cref="HubStartException"/> with all names and values that make no sense.</summary>
    public static HubOptions Read(IConfiguration settingsFiles, IDictionary environment, IReadOnlyList<string> arguments)
    {
        var options = new HubOptions();
        var complaints = new StartComplaints(options.Unsafe);
        foreach (var setting in Settings)
        {
            options = Apply(options, setting, settingsFiles[$"Hub:{setting.PascalName}"], "appsettings.json", complaints);
        }

        foreach (var setting in Settings)
        {
            options = Apply(options, setting, environment[setting.EnvironmentName] as string, setting.EnvironmentName, complaints);
        }

        options = ReadArguments(options, arguments, complaints);
        complaints.ThrowIfAny();
        return options;
    }

    /// <summary>The name of an unsafe setting on the command line, for example <c>plain-http</c>.</summary>
    public static string Name(UnsafeSetting setting) => setting switch
    {
        UnsafeSetting.PlainHttp => "plain-http",
        UnsafeSetting.Fsync => "fsync",
        UnsafeSetting.FullPageWrites => "full-page-writes",
        UnsafeSetting.SynchronousCommit => "synchronous-commit",
        UnsafeSetting.DataChecksums => "data-checksums",
        UnsafeSetting.KeyPermissions => "key-permissions",
        _ => throw new ArgumentOutOfRangeException(nameof(setting), setting, "not an unsafe setting"),
    };

    private static HubOptions ReadArguments(HubOptions options, IReadOnlyList<string> arguments, StartComplaints complaints)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = arguments[i].Split('=', 2) switch { [var n, var v] => (n, v), [var n, ..] => (n, null), _ => ("", null) };
            if (Settings.FirstOrDefault(s => "--" + s.Name == name) is not { } setting)
            {
                complaints.Add($"unknown argument `{name}`; --help lists what there is");
                continue;
            }

            value ??= setting.Bare;
            if (value is null && ++i >= arguments.Count)
            {
                complaints.Add($"`{name}` needs a value");
                continue;
            }

            options = Apply(options, setting, value ?? arguments[i], name, complaints);
        }

        return options;
    }

    private static HubOptions Apply(HubOptions options, Setting setting, string? value, string source, StartComplaints complaints)
    {
        if (string.IsNullOrEmpty(value))
        {
            return options;
        }

        try
        {
            return setting.Set(options, value);
        }
        catch (FormatException e)
        {
            complaints.Add($"`{setting.Name}` (from {source}) {e.Message}");
            return options;
        }
    }

    private static Uri Address(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : throw new FormatException("must be an http or https URL");

    private static TimeSpan Seconds(string value, double least = 0.001, double most = 86_400) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds >= least && seconds <= most
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"must be a number of seconds, {least} to {most}"));

    private static TimeSpan Days(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= 3650
            ? TimeSpan.FromDays(days)
            : throw new FormatException("must be a whole number of days, 1 to 3650");

    private static ClientCertificateMode Certificates(string value) => value switch
    {
        "none" => ClientCertificateMode.NoCertificate,
        "optional" => ClientCertificateMode.AllowCertificate,
        "required" => ClientCertificateMode.RequireCertificate,
        _ => throw new FormatException("must be none, optional or required"),
    };

    private static List<IPNetwork> Networks(string value) => [.. value.Split(',').Select(text =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128)
        : throw new FormatException($"knows no address `{text}`: give addresses such as 10.0.0.5 or networks such as 10.0.0.0/24, with commas"))];

    private static int Mebibytes(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var mebibytes) && mebibytes is >= HubOptions.LeastMemory and <= HubOptions.MostMemory
            ? mebibytes
            : throw new FormatException($"must be a whole number of MiB, {HubOptions.LeastMemory} to {HubOptions.MostMemory}");

    private static int Count(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= MostCount
            ? count
            : throw new FormatException($"must be a whole number, 1 to {MostCount}");

    private static bool YesOrNo(string value) => value switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new FormatException("must be true or false"),
    };

    private static DepartmentId Department(string value) => DepartmentId.IsValid(value) ? new(value) : throw new FormatException("must be a department's id");

    private static ClientId Client(string value) => ClientId.IsValid(value) ? new(value) : throw new FormatException("must be a client's id");

    private static HashSet<UnsafeSetting> Unsafe(string value)
    {
        var all = Enum.GetValues<UnsafeSetting>();
        return value is "all" or "true" or "1"
            ? [.. all]
            : [.. value.Split(',').Select(name => all.Where(s => Name(s) == name).Select(s => (UnsafeSetting?)s).FirstOrDefault() ?? throw new FormatException($"knows no `{name}`"))];
    }

    // Bare: what the name alone means on the command line; null where it needs a value.
    private sealed record Setting(string Name, string Help, Func<HubOptions, string, HubOptions> Set, string? Bare = null)
    {
        public string EnvironmentName => "EXCHANGE_" + Name.ToUpperInvariant().Replace('-', '_');

        public string PascalName => string.Concat(Name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }
}
