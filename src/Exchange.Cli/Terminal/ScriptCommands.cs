using System.CommandLine;

namespace Exchange.Cli.Terminal;

/// <summary>
/// Commands that the script `./exchange` of a checkout runs itself, before this program: here so that help tells them and completion suggests
/// them. Outside of a checkout there are none.
/// </summary>
internal static class ScriptCommands
{
    public static IEnumerable<Command> Create(GlobalOptions options) => HubFolder.IsCheckout ?
    [
        OfScript(options, new Command("serve", "The hub; without a connection string it starts a private PostgreSQL.")),
        OfScript(options, new Command("test", "The tests, or those of one project, e.g. `./exchange test Policy`.").With(new Option<bool>("--full") { Description = "with the long stages" })),
        OfScript(options, new Command("bench", "What the hub does per second beside what PostgreSQL alone can do.")),
    ] : [];

    private static Command OfScript(GlobalOptions options, Command command)
    {
        command.With(new Argument<string[]>("arguments") { Description = "as `./exchange help` tells", Arity = ArgumentArity.ZeroOrMore });
        return command.Runs(options, (_, _) => throw new UsageException($"`{command.Name}` is run by the script of the checkout: ./exchange {command.Name}"));
    }
}
