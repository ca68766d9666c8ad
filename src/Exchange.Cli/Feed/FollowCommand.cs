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
        new Command("follow", "Follows the changes of a resource and proves that none was missed. Runs until Ctrl-C, or until something is missing: exit code 5, and no checkpoint is stored after the gap, so that the next start fetches it again.")
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

        var path = context.Value(_path);
        var format = CommonOptions.RowsFormat(context, path, context.Value(_format));
        ICheckpointStore checkpoints = context.Value(_checkpoint) is { } file ? new FileCheckpointStore(file) : new MemoryCheckpointStore();
        var goesOn = await checkpoints.LoadAsync(cancellationToken) is not null;
        var hasHeader = goesOn && path is not null && File.Exists(path) && new FileInfo(path).Length > 0;
        var heads = context.Value(_untilCaughtUp) ? await context.Client.Feed.GetHeadsAsync(request, cancellationToken) : null;
        await using var stream = await context.Client.Feed.FollowAsync(request, checkpoints, cancellationToken);
        var output = goesOn ? await OutputFile.OpenToGoOnAsync(path, format, cancellationToken) : OutputFile.Open(path);
        await using var writer = new RowWriter(output, format, context.Value(_spreadsheet));
        var run = new FollowRun(context.Output, stream, writer, heads, !hasHeader) { IsDurable = checkpoints is FileCheckpointStore };
        var isInterrupted = false;
        try
        {
            var start = stream.Coverage.Through;
            var positions = heads?.Sum(h => Math.Max(0, h.Value - start.GetValueOrDefault(h.Key)));
            await (path is null && Output.IsScreen
                ? run.RunAsync((_, _) => { }, cancellationToken)
                : ProgressDisplay.RunAsync(context.Output, "follow", positions, progress => run.RunAsync(progress, cancellationToken)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            isInterrupted = true; // Ctrl-C is how following ends; what was proven until then is told all the same
        }

        context.Output.Summary(
            new { followed = run.Changes, coverage_proven = stream.Coverage.IsContiguous, gaps = stream.Coverage.Gaps.Count, output = path },
            $"{run.Changes} changes; coverage {(stream.Coverage.IsContiguous ? "proven" : "NOT proven")}",
            rowsOnOutput: path is null);
        return !stream.Coverage.IsContiguous ? ExitCode.NotProven : isInterrupted ? ExitCode.Interrupted : ExitCode.Done;
    }
}
