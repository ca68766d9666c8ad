using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;

namespace Exchange.Cli.Identity;

/// <summary>`exchange identity clients`.</summary>
internal static class ClientsCommand
{
    private static readonly string[] _roles = ["department-system", "steward", "auditor", "operator"];
    private static readonly Argument<string> _department = new("department") { Description = "department, e.g. housing" };
    private static readonly Argument<string> _id = new("id") { Description = "client id, e.g. housing-sync" };
    private static readonly Option<string> _role = new Option<string>("--role") { Description = string.Join(", ", _roles), DefaultValueFactory = _ => "department-system" }.AcceptOnlyFromAmong(_roles);
    private static readonly Option<FileInfo?> _jwks = new("--jwks") { Description = "file with the client's public keys, as `exchange token new-key` prints them; without this or a certificate the hub makes a secret, shown once" };
    private static readonly Option<FileInfo?> _certificates = new("--certificate") { Description = "file with the client's own TLS certificates in PEM, which then prove it" };
    private static readonly Option<string?> _subjectDn = new("--subject-dn") { Description = "subject of the client's TLS certificate, e.g. CN=housing-sync,O=Housing, which then proves it if an authority that the hub trusts issued it" };
    private static readonly Option<string?> _sanDns = new("--san-dns") { Description = "DNS name of the client's TLS certificate, likewise" };
    private static readonly Option<bool> _boundTokens = new("--bound-tokens") { Description = "its access tokens are good with the TLS certificate only that it got them with; always so for clients that certificates prove" };
    private static readonly Option<string?> _name = new("--name") { Description = "what it is" };

    public static Command Create(GlobalOptions options) => new Command("clients", "Machines that act for departments; needs the operator's role.").With(
        new Command("list", "Lists a department's clients.").With(_department).Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Identity.ListAsync(CommonOptions.Name("departments", context.Value(_department)), cancellationToken),
            ["client", "name", "role", "authentication", "registered", "disabled"],
            c => [c.Name, c.DisplayName, c.Role.ToString(), c.Authentication.ToString(), $"{c.CreateTime?.ToDateTimeOffset():u}", $"{c.DisableTime?.ToDateTimeOffset():u}"],
            cancellationToken)),
        new Command("create", "Registers a client.").With(_department, _id, _role, _jwks, _certificates, _subjectDn, _sanDns, _boundTokens, _name).Runs(options, CreateAsync),
        new Command("disable", "Disables a client: its tokens are refused from the next request on.").With(_department, _id).Runs(options, async (context, cancellationToken) =>
        {
            var disabled = await context.Client.Identity.DisableAsync($"{CommonOptions.Name("departments", context.Value(_department))}/clients/{context.Value(_id)}", cancellationToken);
            Show(context.Output, disabled, "disabled");
            return ExitCode.Done;
        }));

    private static async Task<int> CreateAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (jwks, certificates) = (await ReadAsync(context.Value(_jwks), cancellationToken), await ReadAsync(context.Value(_certificates), cancellationToken));
        var (subjectDn, sanDns) = (context.Value(_subjectDn) ?? "", context.Value(_sanDns) ?? "");
        var client = new Client
        {
            DisplayName = context.Value(_name) ?? "",
            Role = Enum.Parse<Role>(context.Value(_role)!.Replace("-", "", StringComparison.Ordinal), ignoreCase: true),
            Authentication = jwks.Length > 0 ? ClientAuthentication.PrivateKeyJwt
                : certificates.Length > 0 ? ClientAuthentication.SelfSignedTlsClientAuth
                : subjectDn.Length + sanDns.Length > 0 ? ClientAuthentication.TlsClientAuth
                : ClientAuthentication.ClientSecret,
            Jwks = jwks,
            Certificates = certificates,
            TlsClientAuth = subjectDn.Length + sanDns.Length > 0 ? new() { SubjectDn = subjectDn, SanDns = sanDns } : null,
            CertificateBoundAccessTokens = context.Value(_boundTokens),
        };
        var created = await context.Client.Identity.CreateAsync(CommonOptions.Name("departments", context.Value(_department)), context.Value(_id), client, cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(created);
            return ExitCode.Done;
        }

        Show(context.Output, created.Client, "registered");
        if (created.ClientSecret.Length > 0)
        {
            context.Output.Note("the secret, shown this once:");
            Console.WriteLine(created.ClientSecret);
        }

        return ExitCode.Done;
    }

    private static async Task<string> ReadAsync(FileInfo? file, CancellationToken cancellationToken) =>
        file is null ? "" : await File.ReadAllTextAsync(file.FullName, cancellationToken);

    private static void Show(Output output, Client client, string what)
    {
        if (output.IsJson)
        {
            output.Json(client);
        }
        else
        {
            output.Note($"{what} {client.Name}");
        }
    }
}
