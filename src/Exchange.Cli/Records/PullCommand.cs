using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Clients.Export;
using Exchange.Clients.Feed;
using Exchange.Protos.V1;

namespace Exchange.Cli.Records;

/// <summary>`exchange pull`.</summary>
internal static class PullCommand
{
    private static readonly Argument<string> _resource = new("resource") { Description = "resource, e.g. complaint" };
    private static readonly Option<string[]> _fields = CommonOptions.Fields();
    private static readonly Option<string?> _filter = CommonOptions.Filter();
    private static readonly Option<string?> _order = new("--order-by") { Description = "one field, optionally followed by desc" };
    private static readonly Option<string> _purpose = CommonOptions.Purpose();
    private static readonly Option<long> _limit = new("--limit") { Description = "end after so many records" };
    private static readonly Option<string?> _path = CommonOptions.OutputPath();
    private static readonly Option<string?> _format = CommonOptions.Format();
    private static readonly Option<bool> _spreadsheet = CommonOptions.Spreadsheet();
    private static readonly Option<string?> _checkpoint = new("--checkpoint-file") { Description = "store the pull's checkpoint here once it is complete: `exchange follow` with the same fields, filter and purpose goes on without a hole" };

    public static Command Create(GlobalOptions options) =>
        new Command("pull", "Pulls all records that match, as far as you may read them.")
            .With(_resource, _fields, _filter, _order, _purpose, _limit, _path, _format, _spreadsheet, _checkpoint)
            .Runs(options, RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var request = new PullRequest
        {
            Resource = CommonOptions.Name("resources", context.Value(_resource)),
            Fields = { context.Value(_fields) ?? [] },
            Filter = context.Value(_filter) ?? "",
            OrderBy = context.Value(_order) ?? "",
            Purpose = CommonOptions.ToPurpose(context.Value(_purpose)!),
            Limit = context.Value(_limit),
        };
        var path = context.Value(_path);
        var format = CommonOptions.RowsFormat(context, path, context.Value(_format));
        await using var stream = await context.Client.Records.PullAsync(request, cancellationToken);
        await using (var writer = new RowWriter(OutputFile.Open(path), format, context.Value(_spreadsheet)))
        {
            await writer.BeginRowsAsync(stream.Columns, cancellationToken);
            async Task WriteAsync(Action<long, long> progress)
            {
                await foreach (var batch in stream.WithCancellation(cancellationToken))
                {
                    await writer.WriteAsync(batch, stream.Columns, cancellationToken);
                    progress(stream.Rows, stream.Rows);
                }
            }

            await (path is null && Output.IsScreen
                ? WriteAsync((_, _) => { })
                : ProgressDisplay.RunAsync(context.Output, "pull", context.Value(_limit) is > 0 and var limit ? limit : null, WriteAsync));
            if (context.Value(_checkpoint) is not null)
            {
                await writer.ToDiskAsync(cancellationToken);
            }
        }

        if (context.Value(_checkpoint) is { } checkpoint)
        {
            await new FileCheckpointStore(checkpoint).SaveAsync(new StoredCheckpoint(stream.Checkpoint, new Dictionary<int, long>()), cancellationToken);
        }

        context.Output.Summary(
            new { pulled = stream.Rows, columns = stream.Columns.Select(c => c.Field), checkpoint = stream.Checkpoint, output = path },
            $"{stream.Rows} records, {stream.Columns.Count} columns",
            rowsOnOutput: path is null);
        return ExitCode.Done;
    }
}
