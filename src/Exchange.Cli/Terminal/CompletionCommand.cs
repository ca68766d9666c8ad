using System.CommandLine;

namespace Exchange.Cli.Terminal;

/// <summary>`exchange completion`: scripts that ask the program itself what could come next.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # exchange completion for bash: add to ~/.bashrc:  eval "$(exchange completion bash)"
        _exchange_complete() {
          local IFS=$'\n'
          COMPREPLY=( $(exchange "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null) )
        }
        complete -o default -F _exchange_complete exchange ./exchange
        """;

    private const string Zsh = """
        # exchange completion for zsh: add to ~/.zshrc:  eval "$(exchange completion zsh)"
        _exchange_complete() {
          local -a suggestions
          suggestions=("${(@f)$(exchange "[suggest:${#BUFFER}]" "${BUFFER}" 2>/dev/null)}")
          compadd -- "${suggestions[@]}" || _files
        }
        compdef _exchange_complete exchange ./exchange
        """;

    private const string Fish = """
        # exchange completion for fish: save as ~/.config/fish/completions/exchange.fish
        complete -c exchange -a '(exchange "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" }.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Prints a script that completes commands and options in your shell.") { shell };
        command.SetAction(result =>
        {
            Console.WriteLine(result.GetRequiredValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            return ExitCode.Done;
        });
        return command;
    }
}
