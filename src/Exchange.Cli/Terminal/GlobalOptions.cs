using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Exchange.Cli.Identity;
using Exchange.Clients;
using Exchange.Clients.Identity;

namespace Exchange.Cli.Terminal;

/// <summary>Options of every command: which hub, and as whom.</summary>
internal sealed class GlobalOptions
{
    private readonly Option<Uri?> _hub = new("--hub") { Description = "gRPC address of the hub (EXCHANGE_HUB); by default the hub that runs on this machine", Recursive = true, CustomParser = Address };
    private readonly Option<Uri?> _tokenEndpoint = new("--token-endpoint") { Description = "where access tokens are to be had (EXCHANGE_TOKEN_ENDPOINT); by default what the hub tells", Recursive = true, CustomParser = Address };
    private readonly Option<string?> _issuer = new("--issuer") { Description = "issuer of access tokens (EXCHANGE_ISSUER), where it is not at the token endpoint's address", Recursive = true };
    private readonly Option<string?> _client = new("--client") { Description = "client id (EXCHANGE_CLIENT); by default the operator of the hub on this machine", Recursive = true };
    private readonly Option<string?> _key = new("--key") { Description = "file with the client's private key in PEM (EXCHANGE_KEY)", Recursive = true };
    private readonly Option<string?> _secretFile = new("--secret-file") { Description = "file with the client's secret (EXCHANGE_SECRET_FILE); for trials", Recursive = true };
    private readonly Option<string?> _certificate = new("--tls-certificate") { Description = "file with the client's TLS certificate in PEM (EXCHANGE_TLS_CERTIFICATE), where it proves itself by it or its tokens are bound to it", Recursive = true };
    private readonly Option<string?> _certificateKey = new("--tls-key") { Description = "file with the certificate's private key in PEM (EXCHANGE_TLS_KEY), where it is not beside the certificate", Recursive = true };
    private readonly Option<string?> _user = new("--user") { Description = "a person who signed in with `exchange identity sign-in` (EXCHANGE_USER), instead of --client and --key", Recursive = true };
    private readonly Option<string?> _as = new("--as") { Description = "a department of the demo that runs on this machine, e.g. urban-management, instead of --client and --key", Recursive = true };
    private readonly Option<string?> _dataDirectory = new("--data-dir") { Description = "data folder of a hub on this machine (EXCHANGE_DATA_DIRECTORY)", Recursive = true };
    private readonly Option<bool> _json = new("--json") { Description = "machine output: JSON on standard output, everything else on standard error", Recursive = true };

    /// <summary>Adds them to the root.</summary>
    public void AddTo(RootCommand root)
    {
        foreach (var option in new Option[] { _hub, _client, _key, _secretFile, _certificate, _certificateKey, _user, _as, _tokenEndpoint, _issuer, _dataDirectory, _json })
        {
            root.Options.Add(option);
        }
    }

    /// <summary>True for machine output.</summary>
    public bool IsJson(ParseResult result) => result.GetValue(_json);

    /// <summary>The data folder when one is stated.</summary>
    public string? DataDirectory(ParseResult result) => Given(result, _dataDirectory, "EXCHANGE_DATA_DIRECTORY");

    /// <summary>The person that --user names, or the environment where nothing else says who calls.</summary>
    public string? User(ParseResult result) => (result.GetValue(_client) ?? result.GetValue(_key) ?? result.GetValue(_secretFile) ?? result.GetValue(_as)) is not { } other
        ? Given(result, _user, "EXCHANGE_USER")
        : result.GetValue(_user) is null ? null : throw new UsageException($"--user brings its own session; leave out `{other}` and its option");

    /// <summary>The hub's address, and where tokens are to be had when that is stated or a hub on this machine tells it.</summary>
    public (Uri Address, Uri? TokenEndpoint) Place(ParseResult result)
    {
        var (address, folder) = Find(result);
        return (address, TokenEndpoint(result, folder));
    }

    /// <summary>Makes a client of the hub and for the client that the options, the environment or a running hub's hub.json name.</summary>
    public ExchangeClient Connect(ParseResult result) => new(Options(result));

    /// <summary>As <see cref="Connect"/>, the options only.</summary>
    public ExchangeClientOptions Options(ParseResult result)
    {
        var (address, folder) = Find(result);
        return new ExchangeClientOptions
        {
            Address = address,
            Credential = User(result) is { } user ? SessionFile.Read(address, user).Credential : Credential(result, folder),
            Certificate = Certificate(result),
            TokenEndpoint = TokenEndpoint(result, folder),
            Issuer = Given(result, _issuer, "EXCHANGE_ISSUER") ?? folder?.Issuer,
            RetryFor = TimeSpan.FromSeconds(30),
        };
    }

    private (Uri Address, HubFolder? Folder) Find(ParseResult result)
    {
        var stated = result.GetValue(_hub) ?? Address("EXCHANGE_HUB");
        var folder = stated is null ? Running(result) : DataDirectory(result) is { } given ? HubFolder.Read(given) : null;
        var address = stated ?? folder?.Grpc
            ?? throw new UsageException("no hub runs on this machine; start one with `./exchange serve` or `./exchange demo`, or name one with --hub");
        return (address, folder);
    }

    private Uri? TokenEndpoint(ParseResult result, HubFolder? folder) =>
        result.GetValue(_tokenEndpoint) ?? Address("EXCHANGE_TOKEN_ENDPOINT") ?? folder?.TokenEndpoint;

    private HubFolder? Running(ParseResult result) =>
        DataDirectory(result) is { } given ? HubFolder.Read(given)
        : result.GetValue(_as) is null && HubFolder.Read(HubFolder.OfServe) is { IsAlive: true } serving ? serving
        : HubFolder.Read(HubFolder.OfDemo) is { IsAlive: true } demo ? demo : null;

    private ClientCredential Credential(ParseResult result, HubFolder? folder)
    {
        if (result.GetValue(_as) is { } department)
        {
            if ((result.GetValue(_client) ?? result.GetValue(_key) ?? result.GetValue(_secretFile)) is not null)
            {
                throw new UsageException("--as brings its own client and key; leave out --client, --key and --secret-file");
            }

            var (demoClient, demoKey) = DemoKeys.Find(folder?.Folder ?? HubFolder.OfDemo, department);
            return ClientCredential.PrivateKey(demoClient, Key(demoKey));
        }

        var client = Given(result, _client, "EXCHANGE_CLIENT");
        var key = Given(result, _key, "EXCHANGE_KEY");
        var secret = Given(result, _secretFile, "EXCHANGE_SECRET_FILE");
        if (client is null && folder is { OperatorClient: { } operatorClient, OperatorKeyFile: { } operatorKey })
        {
            (client, key) = (operatorClient, key ?? operatorKey);
        }

        if (client is null)
        {
            throw new UsageException("say who calls: --client with --key (or --secret-file), or --user");
        }

        return (key, secret) switch
        {
            ({ } file, null) => ClientCredential.PrivateKey(client, Key(file)),
            (null, { } file) => ClientCredential.Secret(client, Read(file).Trim()),
            (null, null) when Given(result, _certificate, "EXCHANGE_TLS_CERTIFICATE") is not null => ClientCredential.Certificate(client),
            (null, null) => throw new UsageException($"client `{client}` needs --key (or --tls-certificate, or --secret-file)"),
            _ => throw new UsageException("give --key or --secret-file, not both"),
        };
    }

    private X509Certificate2? Certificate(ParseResult result)
    {
        var file = Given(result, _certificate, "EXCHANGE_TLS_CERTIFICATE");
        var keyFile = Given(result, _certificateKey, "EXCHANGE_TLS_KEY") ?? file;
        try
        {
            return file is null ? null : X509Certificate2.CreateFromPem(Read(file), Read(keyFile!));
        }
        catch (CryptographicException e)
        {
            throw new UsageException($"`{file}` with its key `{keyFile}` is no certificate in PEM: {e.Message}");
        }
    }

    private static ClientKey Key(string file)
    {
        try
        {
            return ClientKey.FromPem(Read(file));
        }
        catch (CryptographicException e)
        {
            throw new UsageException($"`{file}`: {e.Message}");
        }
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(e.Message);
        }
    }

    private static string? Given(ParseResult result, Option<string?> option, string variable) =>
        result.GetValue(option) ?? (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null);

    private static Uri? Address(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            return uri;
        }

        result.AddError($"`{result.Tokens[0].Value}` is no address; write e.g. https://hub.example:5400");
        return null;
    }

    private static Uri? Address(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? Uri.TryCreate(value, UriKind.Absolute, out var uri) ? uri : throw new UsageException($"{variable} is no address")
            : null;
}
