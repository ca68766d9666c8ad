using System.CommandLine;
using Exchange.Clients.Export;
using Exchange.Protos.V1;

namespace Exchange.Cli.Terminal;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    private static readonly string[] _purposes = ["gov-service", "public-service", "regulation", "emergency", "analysis", "research", "other"];

    public static Option<string> Purpose() => new Option<string>("--purpose")
    {
        Description = "why you read; checked and audited: " + string.Join(", ", _purposes),
        Required = true,
    }.AcceptOnlyFromAmong(_purposes);

    /// <summary>Why records are sent; unlike a read, a push may leave it out.</summary>
    public static Option<string?> PushPurpose() => new Option<string?>("--purpose")
    {
        Description = "why you send these records; kept with their events: " + string.Join(", ", _purposes),
    }.AcceptOnlyFromAmong(_purposes);

    /// <summary>Which purposes a question is about.</summary>
    public static Option<string[]> OnlyPurposes() => new Option<string[]>("--purpose")
    {
        Description = "only this purpose; may be repeated: " + string.Join(", ", _purposes),
    }.AcceptOnlyFromAmong(_purposes);

    /// <summary>Which purpose a list is about.</summary>
    public static Option<string?> OnlyPurpose() => new Option<string?>("--purpose")
    {
        Description = "only this purpose: " + string.Join(", ", _purposes),
    }.AcceptOnlyFromAmong(_purposes);

    public static Purpose ToPurpose(string word) => Enum.Parse<Purpose>(word.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    public static Option<string[]> Fields() => List("--fields", "fields wanted, parted by commas; all that may be read when left out");

    /// <summary>Values parted by commas or given one by one.</summary>
    public static Option<string[]> List(string name, string description, bool isRequired = false) => new(name)
    {
        Description = description,
        Required = isRequired,
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result => [.. result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
    };

    public static Option<string?> Filter() => new("--filter") { Description = "AIP-160 filter, e.g. 'status = \"CONCLUDED\" AND title:\"漏水\"'" };

    public static Option<string?> OutputPath() => new("--output", "-o") { Description = "file to write, packed when it ends in .gz; standard output when left out" };

    public static Option<string?> Format() => new Option<string?>("--format")
    {
        Description = "jsonl or csv; by default as the file's name ends, else jsonl. Cells of a CSV file hold the data as they are: give --spreadsheet before opening one in a spreadsheet",
    }.AcceptOnlyFromAmong("jsonl", "csv");

    public static Option<bool> Spreadsheet() => new("--spreadsheet") { Description = "put an apostrophe before cells that a spreadsheet would run as a formula; the file then differs from the data" };

    /// <summary>The format of rows that go to a file or, without one, to standard output, which with --json holds JSON and nothing else.</summary>
    public static OutputFormat RowsFormat(CommandContext context, string? path, string? word)
    {
        var format = OutputFile.Format(path, word switch { "csv" => OutputFormat.Csv, "jsonl" => OutputFormat.JsonLines, _ => OutputFormat.Unspecified });
        return context.Output.IsJson && path is null && format is OutputFormat.Csv
            ? throw new UsageException("with --json standard output holds JSON only: give a file with --output, or leave out --format csv")
            : format;
    }

    /// <summary>Last part of a name.</summary>
    public static string Last(string name) => name[(name.LastIndexOf('/') + 1)..];

    /// <summary>`complaint` and `resources/complaint` mean the same.</summary>
    public static string Name(string collection, string id) => id.StartsWith(collection + "/", StringComparison.Ordinal) ? id : $"{collection}/{id}";
}
