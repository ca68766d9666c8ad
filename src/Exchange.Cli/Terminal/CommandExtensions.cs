using System.CommandLine;
using Exchange.Clients;
using Exchange.Clients.Files;
using Exchange.Clients.Yaml;
using Grpc.Core;
using Spectre.Console;

namespace Exchange.Cli.Terminal;

/// <summary>Gives commands their work, and turns what goes wrong into messages and exit codes.</summary>
internal static class CommandExtensions
{
    extension(Command command)
    {
        /// <summary>Adds options and arguments.</summary>
        public Command With(params IEnumerable<Symbol> symbols)
        {
            foreach (var symbol in symbols)
            {
                switch (symbol)
                {
                    case Option option:
                        command.Options.Add(option);
                        break;
                    case Argument argument:
                        command.Arguments.Add(argument);
                        break;
                    case Command subcommand:
                        command.Subcommands.Add(subcommand);
                        break;
                    default:
                        throw new ArgumentException($"{symbol.GetType()} is no part of a command", nameof(symbols));
                }
            }

            return command;
        }

        /// <summary>What the command does; returns an exit code.</summary>
        public Command Runs(GlobalOptions options, Func<CommandContext, CancellationToken, Task<int>> work)
        {
            command.SetAction(async (result, cancellationToken) =>
            {
                var output = new Output(options.IsJson(result));
                await using var context = new CommandContext(result, options, output);
                try
                {
                    return await work(context, cancellationToken);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    output.Note("interrupted");
                    return ExitCode.Interrupted;
                }
                catch (ExchangeException e)
                {
                    Tell(output, e);
                    return e.Code is StatusCode.Unavailable or StatusCode.DeadlineExceeded ? ExitCode.Unavailable : ExitCode.Refused;
                }
                catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException or DriveNotFoundException))
                {
                    // Nothing is wrong with what was asked for: the disk is full, the reader of a pipe has gone, a device fails.
                    Tell(output, "IO", e.Message);
                    return ExitCode.Refused;
                }
                catch (Exception e) when (e is UsageException or YamlFileException or SourceFileException or InvalidDataException or IOException or UnauthorizedAccessException)
                {
                    Tell(output, e is SourceFileException file ? file.Reason : "USAGE", e.Message);
                    return ExitCode.Usage;
                }
            });
            return command;
        }
    }

    private static void Tell(Output output, ExchangeException refused)
    {
        if (output.IsJson)
        {
            Output.ErrorJson(new
            {
                error = refused.Reason,
                code = refused.Code.ToString(),
                message = refused.Message,
                metadata = refused.Metadata,
                violations = refused.Violations.Select(v => new { field = v.Field, reason = v.Reason, message = v.Message }),
            });
            return;
        }

        // The message of a bad request repeats the first of its violations, which follow.
        output.Error.MarkupLineInterpolated($"[red]{refused.Reason}[/] {(refused is { Code: StatusCode.InvalidArgument, Violations.Count: > 0 } ? "" : refused.Message)}");
        foreach (var violation in refused.Violations)
        {
            output.Error.MarkupLineInterpolated($"  [yellow]{violation.Field}[/] {violation.Reason}: {violation.Message}");
        }

        if (refused.NextStep is { } step)
        {
            output.Error.MarkupLineInterpolated($"  next: {step}");
        }
    }

    private static void Tell(Output output, string reason, string message)
    {
        if (output.IsJson)
        {
            Output.ErrorJson(new { error = reason, message });
        }
        else
        {
            output.Error.MarkupLineInterpolated($"[red]{message}[/]");
        }
    }
}
