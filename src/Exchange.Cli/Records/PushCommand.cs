using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Exchange.Cli.Terminal;
using Exchange.Clients.Files;
using Exchange.Clients.Mapping;
using Exchange.Clients.Records;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Records;

/// <summary>`exchange push`.</summary>
internal static class PushCommand
{
    private static readonly Argument<FileInfo> _file = new Argument<FileInfo>("file") { Description = "CSV, JSON Lines or JSON file, packed with gzip or not" }.AcceptExistingOnly();
    private static readonly Option<FileInfo> _mapping = new Option<FileInfo>("--mapping", "-m") { Description = "mapping file (samples/mappings/README.md)", Required = true }.AcceptExistingOnly();
    private static readonly Option<string?> _part = new("--part") { Description = "part of the mapping to push; needed when it has several" };
    private static readonly Option<string?> _department = new("--department") { Description = "push only the rows of this department; by default the client's own" };
    private static readonly Option<string?> _rejects = new("--rejects") { Description = "file for rows that were not taken; by default FILE.rejects.csv in the current folder" };
    private static readonly Option<string?> _purpose = CommonOptions.PushPurpose();
    private static readonly Option<string?> _pushId = new("--push-id") { Description = "name of this push; give the same again to resume one that was cut short. By default a new one" };
    private static readonly Option<int> _batch = new("--batch") { Description = "records of a batch", DefaultValueFactory = _ => 500 };
    private static readonly Option<int> _inFlight = new("--in-flight") { Description = "batches sent and not yet durable", DefaultValueFactory = _ => 8 };
    private static readonly Option<bool> _propose = new("--propose") { Description = "propose values of fields that others own, instead of being refused" };
    private static readonly Option<bool> _dryRun = new("--dry-run") { Description = "map and count, push nothing" };

    public static Command Create(GlobalOptions options) =>
        new Command("push", "Pushes the rows of a file as records. Bad rows go to the reject file and never stop the rest.")
            .With(_file, _mapping, _part, _department, _purpose, _rejects, _pushId, _batch, _inFlight, _propose, _dryRun)
            .Runs(options, RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var file = context.Value(_file);
        var mapping = await MappingFile.ReadAsync(context.Value(_mapping)!.FullName, cancellationToken);
        var resource = await MappedResource.GetAsync(context.Client, mapping.Resource, cancellationToken);
        var mapper = resource.Compile(mapping, file.FullName);
        var part = Part(mapping, context.Value(_part));
        var department = context.Value(_department) ?? mapping.Parts[part].Department ?? Department(await context.Client.Tokens.GetAsync(cancellationToken));
        var pushId = context.Value(_pushId) ?? Guid.NewGuid().ToString("N");
        var statistics = new MappingStatistics();
        await using var rejects = new RejectFile(context.Value(_rejects) ?? file.Name + ".rejects.csv");
        await using var run = new PushRun(mapper, part, rejects)
        {
            PushId = pushId,
            Purpose = context.Value(_purpose) is { } purpose ? CommonOptions.ToPurpose(purpose) : Purpose.Unspecified,
            Options = new PushOptions { BatchRecords = context.Value(_batch), InFlight = context.Value(_inFlight) },
            UnownedFields = context.Value(_propose) ? UnownedFields.Propose : UnownedFields.Reject,
        };
        context.Output.Note($"push id {pushId}");
        var isDryRun = context.Value(_dryRun);
        var watch = Stopwatch.StartNew();
        await ProgressDisplay.RunAsync(
            context.Output, $"{file.Name}: {mapping.Parts[part].Name}", file.Length > 0 ? file.Length : null, progress => run.RunAsync(file.FullName, statistics, d => d == department && !isDryRun ? context.Client : null, progress, cancellationToken));
        Report(context.Output, run, statistics, rejects, watch.Elapsed.TotalSeconds, isDryRun);
        return rejects.Rows > 0 ? ExitCode.SomeRejected : ExitCode.Done;
    }

    private static int Part(MappingFile mapping, string? name)
    {
        var part = name is null && mapping.Parts.Count == 1 ? 0 : mapping.Parts.ToList().FindIndex(p => p.Name == name);
        return part >= 0 ? part : throw new UsageException($"say which part to push with --part; the mapping has {string.Join(", ", mapping.Parts.Select(p => p.Name))}");
    }

    /// <summary>The client's department stands in its access token. It is only read here, never trusted: the hub checks it.</summary>
    private static string Department(string token)
    {
        var payload = token.Split('.')[1].Replace('-', '+').Replace('_', '/');
        using var claims = JsonDocument.Parse(Convert.FromBase64String(payload.PadRight((payload.Length + 3) / 4 * 4, '=')));
        return claims.RootElement.GetProperty("department").GetString()!;
    }

    private static void Report(Output output, PushRun run, MappingStatistics statistics, RejectFile rejects, double seconds, bool isDryRun)
    {
        if (output.IsJson)
        {
            output.Json(new
            {
                read = statistics.Rows,
                sent = run.Sent,
                accepted = run.Receipts(RecordOutcome.Accepted),
                unchanged = run.Receipts(RecordOutcome.Unchanged),
                proposed = run.Receipts(RecordOutcome.Proposed),
                rejected = rejects.ByReason,
                warnings = statistics.Warnings,
                of_other_departments = isDryRun ? 0 : run.OfOthers,
                push_id = run.PushId,
                rejects_file = rejects.Rows > 0 ? rejects.Path : null,
                seconds = Math.Round(seconds, 3),
            });
            return;
        }

        var table = new Table().Border(TableBorder.Simple).HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned());
        void Row(string what, long count) => table.AddRow(new Text(what), new Text(count.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)));
        Row("rows read", statistics.Rows);
        Row("records accepted", run.Receipts(RecordOutcome.Accepted));
        Row("records unchanged", run.Receipts(RecordOutcome.Unchanged));
        Row("records proposed", run.Receipts(RecordOutcome.Proposed));
        foreach (var (reason, count) in rejects.ByReason.OrderByDescending(r => r.Value))
        {
            Row($"rows rejected: {reason}", count);
        }

        foreach (var (reason, count) in statistics.Warnings.OrderByDescending(w => w.Value))
        {
            Row($"warnings: {reason}", count);
        }

        foreach (var (field, (recognised, texts)) in statistics.Recognition)
        {
            Row($"texts in which {field} was recognised, of {texts}", recognised);
        }

        if (run.OfOthers > 0 && !isDryRun)
        {
            Row("rows of other departments, left out", run.OfOthers);
        }

        output.People.Write(table);
        if (rejects.Rows > 0)
        {
            output.Note($"rejected rows: {rejects.Path}");
        }
    }
}
