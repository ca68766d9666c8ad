using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Clients.Export;
using Exchange.Clients.Feed;
using Exchange.Protos.V1;

namespace Exchange.Cli.Feed;

/// <summary>`exchange follow`.</summary>
internal static class FollowCommand
{
    private static readonly Argument<string> _resource = new("resource") { Description = "resource, e.g. complaint" };
    private static readonly Option<string[]> _fields = CommonOptions.Fields();
    private static readonly Option<string?> _filter = CommonOptions.Filter();
    private static readonly Option<string> _purpose = CommonOptions.Purpose();
    private static readonly Option<bool> _beginning = new("--from-beginning") { Description = "from the first event; by default from now, or from the checkpoint file" };
    private static readonly Option<string?> _checkpoint = new("--checkpoint-file") { Description = "where you are: read at the start, stored after each batch is written" };
    private static readonly Option<bool> _untilCaughtUp = new("--until-caught-up") { Description = "end once everything that is there now has arrived; exit code 5 when coverage is not proven" };
    private static readonly Option<string?> _path = CommonOptions.OutputPath();
    private static readonly Option<string?> _format = CommonOptions.Format();
    private static readonly Option<bool> _spreadsheet = CommonOptions.Spreadsheet();

    public static Command Create(GlobalOptions options) =>
        new Command("follow", "Follows the changes of a resource and proves that none was missed. Runs until Ctrl-C.")
            .With(_resource, _fields, _filter, _purpose, _beginning, _checkpoint, _untilCaughtUp, _path, _format, _spreadsheet)
            .Runs(options, RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var request = new FollowRequest
        {
            Resource = CommonOptions.Name("resources", context.Value(_resource)),
            Fields = { context.Value(_fields) ?? [] },
            Filter = context.Value(_filter) ?? "",
            Purpose = CommonOptions.ToPurpose(context.Value(_purpose)!),
        };
        if (context.Value(_beginning))
        {
            request.Beginning = true;
        }

        ICheckpointStore checkpoints = context.Value(_checkpoint) is { } file ? new FileCheckpointStore(file) : new MemoryCheckpointStore();
        var goesOn = await checkpoints.LoadAsync(cancellationToken) is not null;
        var path = context.Value(_path);
        var hasHeader = goesOn && path is not null && File.Exists(path) && new FileInfo(path).Length > 0;
        var heads = context.Value(_untilCaughtUp) ? await context.Client.Feed.GetHeadsAsync(request, cancellationToken) : null;
        await using var stream = await context.Client.Feed.FollowAsync(request, checkpoints, cancellationToken);
        await using var writer = new RowWriter(OutputFile.Open(path, append: goesOn), OutputFile.Format(path, CommonOptions.ToFormat(context.Value(_format))), context.Value(_spreadsheet));
        var changes = await FollowAsync(context.Output, stream, writer, heads, !hasHeader, cancellationToken);
        await stream.CommitAsync(cancellationToken);
        if (context.Output.IsJson && path is not null)
        {
            context.Output.Json(new { followed = changes, coverage_proven = stream.Coverage.IsContiguous, gaps = stream.Coverage.Gaps.Count, output = path });
        }
        else
        {
            context.Output.Note($"{changes} changes; coverage {(stream.Coverage.IsContiguous ? "proven" : "NOT proven")}");
        }

        return stream.Coverage.IsContiguous ? ExitCode.Done : ExitCode.NotProven;
    }

    private static async Task<long> FollowAsync(
        Output output, FollowStream stream, RowWriter writer, IReadOnlyDictionary<int, long>? heads, bool header, CancellationToken cancellationToken)
    {
        var changes = 0L;
        IReadOnlyList<Column> columns = [];
        await foreach (var message in stream.WithCancellation(cancellationToken))
        {
            switch (message)
            {
                case { Start: not null } when !columns.SequenceEqual(stream.Columns):
                    if (header || columns.Count > 0)
                    {
                        await writer.BeginChangesAsync(stream.Columns, cancellationToken);
                    }

                    columns = stream.Columns;
                    break;
                case { Batch: { } batch }:
                    await writer.WriteAsync(batch, columns, cancellationToken);
                    changes += batch.Changes.Count;
                    break;
                case { Backfill: { } backfill }:
                    output.Note($"you may read more than before (policy revision {backfill.Revision}): pull again, or follow --from-beginning, for what was withheld until now");
                    break;
                default:
                    break;
            }

            if (heads is not null && (stream.Coverage.Covers(heads) || !stream.Coverage.IsContiguous))
            {
                return changes;
            }
        }

        return changes;
    }
}
