using System.Security.Cryptography;
using Exchange.Catalog;
using Exchange.Server.Governance;
using Exchange.Server.Hosting;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity;

/// <summary>
/// How a fresh hub gets its first caller: on a store without clients it registers the operator's department and a client with the operator's role.
/// The client's key pair is made here and its private half written to the data folder, unless the options name its public keys.
/// </summary>
internal sealed partial class OperatorAccount(HubOptions options, GovernanceStore governance, GovernanceCommands commands, ILogger<OperatorAccount> logger) : IHostedService
{
    private readonly string keyFile = FileOf(options);

    /// <summary>File of the operator's private key if it is here and the registered one; else null.</summary>
    public string? KeyFile => File.Exists(keyFile) && governance.Current.Clients.GetValueOrDefault(options.OperatorClient.Value)?.Keys.Any(key => key.Id == MadeKey().Kid) is true
        ? keyFile
        : null;

    /// <summary>Adds what speaks against the made key's file, if it is there.</summary>
    public static void CheckKeyFile(HubOptions options, StartComplaints complaints)
    {
        var file = FileOf(options);
        if (File.Exists(file) && PrivateFile.Read(file, complaints) is { } pem)
        {
            complaints.Try(() => ReadPem(file, pem));
        }
    }

    /// <summary>The public keys of the file the options name. Throws <see cref="HubStartException"/> when it does not hold any.</summary>
    public static string GivenJwks(string file)
    {
        try
        {
            var jwks = File.ReadAllText(file);
            return PublicKeySet.Parse(jwks).Refusal is { } refusal ? throw new HubStartException($"`{file}`: {refusal.Message}") : jwks;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubStartException($"cannot read the operator's keys: {e.Message}", e);
        }
    }

    /// <summary>Registers the operator on a store without clients.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (governance.Current.Clients.Count > 0)
        {
            return;
        }

        var client = new ClientRegistration
        {
            Id = options.OperatorClient,
            Department = options.OperatorDepartment,
            DisplayName = "first caller, made with the hub",
            Authentication = ClientAuthentication.PrivateKeyJwt,
            Role = Role.Operator,
        };
        var jwks = options.OperatorJwksFile is { } file ? GivenJwks(file) : WebKeys.PublicSet(MadeKey());
        var department = new Department { Id = client.Department, DisplayName = "Hub operator", DisplayNameZh = "平台运营", Level = AdministrativeLevel.City };
        var caller = new Caller(client.Department, client.Id, Role.Operator);
        Require(
            await commands.ExecuteAsync(caller, GovernanceStreams.Department(department.Id), (state, now) => DepartmentRules.Register(state, department, now), cancellationToken),
            RefusalReason.DepartmentExists);
        Require(
            await commands.ExecuteAsync(caller, GovernanceStreams.Client(client.Id), (state, now) => ClientRules.Register(state, client, jwks, "", now), cancellationToken),
            RefusalReason.ClientExists);
        Log.Registered(logger, client.Id.Value, options.OperatorJwksFile ?? keyFile);
    }

    /// <summary>Nothing.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Another node of the hub that starts at the same moment may have been faster.
    private static void Require<T>(Result<T> result, RefusalReason accepted)
        where T : notnull
    {
        if (result.Refusal is { } refusal && refusal.Reason != accepted)
        {
            throw new HubStartException($"the first caller cannot be registered: {refusal.Message}");
        }
    }

    private static string FileOf(HubOptions options) => Path.Combine(options.DataDirectory, "operator-key.pem");

    private static JsonWebKey ReadPem(string file, string pem)
    {
        try
        {
            return SigningKey.ReadPem(pem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new HubStartException($"`{file}` holds no EC P-256 private key in PEM; move it away", e);
        }
    }

    // The key is written before it is registered: a start that breaks off in between goes on with the same key.
    private JsonWebKey MadeKey() => ReadPem(keyFile, PrivateFile.ReadOrMake(null, keyFile, options.Unsafe, SigningKey.NewPem));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "registered the first caller {Client}, its key is in {File}")]
        public static partial void Registered(ILogger logger, string client, string file);
    }
}
