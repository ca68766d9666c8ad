using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Exchange.Cli.Terminal;

/// <summary>What is wrong with a command line, in one line and with where to read on; the whole help text would hide it.</summary>
internal static class UsageMessage
{
    private static readonly JsonSerializerOptions _format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The message, or the JSON object for machines.</summary>
    public static string Of(ParseResult result, bool isJson)
    {
        var message = string.Join("; ", Messages(result).Distinct());
        return isJson ? JsonSerializer.Serialize(new { error = "USAGE", message }, _format) : $"{message}\nsee: {Path(result)} --help";
    }

    /// <summary>An unknown word is told alone: that it also stands where a command should is no news.</summary>
    private static IEnumerable<string> Messages(ParseResult result) =>
        result.UnmatchedTokens.Count > 0
            ? [$"`{result.UnmatchedTokens[0]}` is not known here"]
            : result.Errors.Select(e => e.Message.ReplaceLineEndings(" ").Replace("\t", "", StringComparison.Ordinal).TrimEnd('.'));

    private static string Path(ParseResult result)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = result.CommandResult; at is CommandResult command; at = at.Parent)
        {
            names.Push(command.Command is RootCommand ? "exchange" : command.Command.Name);
        }

        return string.Join(' ', names);
    }
}
