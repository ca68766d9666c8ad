using System.CommandLine;
using Exchange.Cli.Terminal;

namespace Exchange.Cli.Identity;

/// <summary>`exchange identity`.</summary>
internal static class IdentityCommand
{
    public static Command Create(GlobalOptions options) => new Command("identity", "Who may call the hub; needs the operator's role.").With(
        ClientsCommand.Create(options),
        KeysCommand.Create(options),
        SigningKeysCommand.Create(options));
}
