using System.CommandLine;
using Exchange.Cli.Access;
using Exchange.Cli.Audit;
using Exchange.Cli.Catalog;
using Exchange.Cli.Demo;
using Exchange.Cli.Departments;
using Exchange.Cli.Feed;
using Exchange.Cli.Identity;
using Exchange.Cli.Inbox;
using Exchange.Cli.Policies;
using Exchange.Cli.Records;
using Exchange.Cli.Settings;
using Exchange.Cli.Terminal;

namespace Exchange.Cli;

/// <summary>The command line's table of contents.</summary>
internal static class CommandLine
{
    public static RootCommand Create()
    {
        var options = new GlobalOptions();
        var root = new RootCommand($"DataExchange: departments push, pull and follow records through the hub.\n\n{ExitCode.Help}");
        options.AddTo(root);
        root.With(
            PushCommand.Create(options),
            PullCommand.Create(options),
            FollowCommand.Create(options),
            GetCommand.Create(options),
            HistoryCommand.Create(options),
            ProposalsCommand.Create(options),
            CatalogCommand.Create(options),
            SharingListCommand.Create(options),
            DepartmentsCommand.Create(options),
            IdentityCommand.Create(options),
            TokenCommand.Create(options),
            RequestsCommand.Create(options),
            GrantsCommand.Create(options),
            AgreementsCommand.Create(options),
            InboxCommand.Create(options),
            ChangesCommand.Create(options),
            SettingsCommand.Create(options),
            PlanCommand.Create(options),
            PolicyCommand.Create(options),
            LogCommand.Create(options),
            AuditCommand.Create(options),
            DemoCommand.Create(options),
            CompletionCommand.Create(options));
        root.With(ScriptCommands.Create(options));
        return root;
    }

    /// <summary>Runs a command line; a wrong one ends with <see cref="ExitCode.Usage"/>.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var result = Create().Parse(arguments);
        var isWrong = result.Errors.Count > 0;
        if (isWrong && arguments.Count > 0)
        {
            await Console.Error.WriteLineAsync(UsageMessage.Of(result, arguments.Contains("--json")));
            return ExitCode.Usage;
        }

        var exitCode = await result.InvokeAsync(new InvocationConfiguration
        {
            ProcessTerminationTimeout = TimeSpan.FromSeconds(20),
            Output = isWrong ? Console.Error : Console.Out, // with its help text, which is no result
        });
        return isWrong ? ExitCode.Usage : exitCode;
    }
}
