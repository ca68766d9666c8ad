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
    private static readonly Option<FileInfo?> _jwks = new("--jwks") { Description = "file with the client's public keys, as `exchange token new-key` prints them; without it the hub makes a secret, shown once" };
    private static readonly Option<string?> _name = new("--name") { Description = "what it is" };

    public static Command Create(GlobalOptions options) => new Command("clients", "Machines that act for departments; needs the operator's role.").With(
        new Command("list", "Lists a department's clients.").With(_department).Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Identity.ListAsync(CommonOptions.Name("departments", context.Value(_department)), cancellationToken),
            ["client", "name", "role", "authentication", "registered", "disabled"],
            c => [c.Name, c.DisplayName, c.Role.ToString(), c.Authentication.ToString(), $"{c.CreateTime?.ToDateTimeOffset():u}", $"{c.DisableTime?.ToDateTimeOffset():u}"],
            cancellationToken)),
        new Command("create", "Registers a client.").With(_department, _id, _role, _jwks, _name).Runs(options, CreateAsync),
        new Command("disable", "Disables a client: its tokens are refused from the next request on.").With(_department, _id).Runs(options, async (context, cancellationToken) =>
        {
            var disabled = await context.Client.Identity.DisableAsync($"{CommonOptions.Name("departments", context.Value(_department))}/clients/{context.Value(_id)}", cancellationToken);
            Show(context.Output, disabled, "disabled");
            return ExitCode.Done;
        }));

    private static async Task<int> CreateAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var jwks = context.Value(_jwks) is { } file ? await File.ReadAllTextAsync(file.FullName, cancellationToken) : null;
        var client = new Client
        {
            DisplayName = context.Value(_name) ?? "",
            Role = Enum.Parse<Role>(context.Value(_role)!.Replace("-", "", StringComparison.Ordinal), ignoreCase: true),
            Authentication = jwks is null ? ClientAuthentication.ClientSecret : ClientAuthentication.PrivateKeyJwt,
            Jwks = jwks ?? "",
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
