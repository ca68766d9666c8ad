using System.Text.Json;
using Google.Protobuf;
using Spectre.Console;

namespace Exchange.Cli.Terminal;

/// <summary>Standard output takes results only: tables for people, JSON for machines. Everything else goes to standard error.</summary>
internal sealed class Output
{
    private static readonly JsonSerializerOptions _format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonFormatter _messages = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    private readonly TextWriter _standard;

    public Output(bool isJson, TextWriter? standard = null, IAnsiConsole? error = null)
    {
        IsJson = isJson;
        _standard = standard ?? Console.Out;
        People = For(new AnsiConsoleOutput(_standard), Console.IsOutputRedirected);
        Error = error ?? For(new AnsiConsoleOutput(Console.Error), Console.IsErrorRedirected);
    }

    /// <summary>True: results are JSON.</summary>
    public bool IsJson { get; }

    /// <summary>Standard output for people. Unused when <see cref="IsJson"/>.</summary>
    public IAnsiConsole People { get; }

    /// <summary>Standard error: notes and progress.</summary>
    public IAnsiConsole Error { get; }

    /// <summary>True when rows on standard output would meet a progress display on the same screen.</summary>
    public static bool IsScreen => !Console.IsOutputRedirected;

    /// <summary>Prints one JSON object on a line; property names become snake_case.</summary>
    public void Json(object value) => _standard.WriteLine(JsonSerializer.Serialize(value, _format));

    /// <summary>Prints a message of the API as JSON on a line.</summary>
    public void Json(IMessage message) => _standard.WriteLine(_messages.Format(message));

    /// <summary>Prints one JSON object that says what went wrong.</summary>
    public static void ErrorJson(object value) => Console.Error.WriteLine(JsonSerializer.Serialize(value, _format));

    /// <summary>Sums up what was done: a JSON object for machines, on standard error where standard output holds the rows; else a note.</summary>
    /// <param name="json">The object.</param>
    /// <param name="note">The same for people.</param>
    /// <param name="rowsOnOutput">True when standard output holds rows.</param>
    public void Summary(object json, string note, bool rowsOnOutput)
    {
        if (!IsJson)
        {
            Note(note);
        }
        else if (rowsOnOutput)
        {
            ErrorJson(json);
        }
        else
        {
            Json(json);
        }
    }

    /// <summary>Says something to people that is no result.</summary>
    public void Note(string text) => Error.MarkupLineInterpolated($"[grey]{text}[/]");

    /// <summary>Prints a table, or each row as JSON.</summary>
    public async Task<int> TableAsync<T>(IAsyncEnumerable<T> items, string[] columns, Func<T, string[]> row, CancellationToken cancellationToken)
        where T : IMessage
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumns(columns);
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            if (IsJson)
            {
                Json(item);
            }
            else
            {
                table.AddRow(row(item).Select(Markup.Escape).ToArray());
            }
        }

        if (!IsJson)
        {
            People.Write(table);
        }

        return ExitCode.Done;
    }

    private static IAnsiConsole For(AnsiConsoleOutput output, bool isRedirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = output,
            Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = isRedirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (isRedirected)
        {
            console.Profile.Width = 160;
        }

        return console;
    }
}
