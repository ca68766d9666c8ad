using System.CommandLine;

namespace Exchange.Cli.Terminal;

/// <summary>
/// `exchange completion`: scripts that ask the program itself what could come next. They call the word as it was typed: in a checkout that
/// is `./exchange`, which is not on PATH.
/// </summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # exchange completion for bash: add to ~/.bashrc:  eval "$(exchange completion bash)", in a checkout: eval "$(./exchange completion bash)"
        _exchange_complete() {
          local IFS=$'\n' program=${1/#\~\//$HOME/}
          COMPREPLY=( $(compgen -W "$("$program" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "$2") )
        }
        complete -o default -F _exchange_complete exchange
        """;

    private const string Zsh = """
        # exchange completion for zsh: add to ~/.zshrc after compinit:  eval "$(exchange completion zsh)", in a checkout: eval "$(./exchange completion zsh)"
        _exchange_complete() {
          local -a suggestions
          local line="${(j: :)words[1,CURRENT]}"
          suggestions=(${(f)"$(${(e)words[1]/#\~\//$HOME/} "[suggest:${#line}]" "$line" 2>/dev/null)"})
          if (( ${#suggestions} )); then compadd -- "${suggestions[@]}"; else _files; fi
        }
        compdef _exchange_complete exchange
        """;

    private const string Fish = """
        # exchange completion for fish: save as ~/.config/fish/completions/exchange.fish
        function __exchange_complete
            set -l words (commandline -opc)
            set -l line (commandline -cp)
            eval $words[1] '"[suggest:'(string length -- "$line")']" $line' 2>/dev/null
        end
        complete -c exchange -a '(__exchange_complete)'
        """;

    public static Command Create(GlobalOptions options)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" }.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return new Command("completion", "Prints a script that completes commands and options in your shell.").With(shell).Runs(options, (context, _) =>
        {
            var (name, script) = (context.Value(shell), context.Value(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            if (context.Output.IsJson)
            {
                context.Output.Json(new { shell = name, script });
            }
            else
            {
                Console.WriteLine(script);
            }

            return Task.FromResult(ExitCode.Done);
        });
    }
}
