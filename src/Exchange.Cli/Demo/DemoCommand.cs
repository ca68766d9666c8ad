using System.CommandLine;
using System.Diagnostics;
using Exchange.Cli.Terminal;
using Exchange.Clients;
using Exchange.Clients.Catalog;
using Exchange.Clients.Export;
using Exchange.Clients.Identity;
using Grpc.Core;
using Spectre.Console;

namespace Exchange.Cli.Demo;

/// <summary>`exchange demo`.</summary>
internal static class DemoCommand
{
    private static readonly TimeSpan _ctrlCPatience = TimeSpan.FromSeconds(1);
    private static readonly Option<string[]> _data = new("--data") { Description = "real input: a file, or a folder of files that the mapping names; a generated city without it" };
    private static readonly Option<string?> _mapping = new("--mapping", "-m") { Description = "mapping file for --data" };
    private static readonly Option<bool> _once = new("--once") { Description = "end when done instead of running on" };
    private static readonly Option<string[]> _city = new("--city") { Description = "further catalog files to publish, for mappings that name other departments" };

    public static Command Create(GlobalOptions options) =>
        new Command("demo", """
            A city on this machine: starts a hub, lets departments exchange records, and shows what happened. Run again on the same data folder, nothing changes.

            Of the figures of --json: rows `read` are `records`, plus the rows `rejected` (each row once, by its first reason; a row that stands in the file
            twice is one of them), plus the warnings REPEATED_RECORD (rows of a record that an earlier row or file opened, where the mapping keeps duplicates).
            What the hub does not take of a record's later parts stands in that part's reject file and is counted as a warning, e.g. HANDLING_REJECTED.
            """)
            .With(_data, _mapping, _once, _city)
            .Runs(options, RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var samples = Path.Combine(HubFolder.Checkout, "samples");
        var folder = Path.GetFullPath(context.Options.DataDirectory(context.Result) ?? HubFolder.OfDemo);
        var work = Path.Combine(folder, "demo");
        Directory.CreateDirectory(work);
        var input = await DemoInput.FindAsync(context.Value(_data) ?? [], context.Value(_mapping), work, samples, cancellationToken);
        if (input.Skipped.Count > 0)
        {
            context.Output.Note($"not read, since the mapping names no such file under `source_system`: {string.Join(", ", input.Skipped)}");
        }

        var city = new List<CatalogFile>();
        foreach (var file in Directory.GetFiles(Path.Combine(samples, "city"), "*.yaml").Order(StringComparer.Ordinal).Concat(context.Value(_city) ?? []))
        {
            city.Add(await CatalogFile.ReadAsync(file, cancellationToken));
        }

        context.Output.Note($"starting a hub on {folder}");
        var watch = Stopwatch.StartNew();
        await using var hub = await DemoHub.StartAsync(folder, cancellationToken);
        var started = watch.Elapsed.TotalSeconds;
        await using var operatorClient = new ExchangeClient(DemoClients.OptionsFor(hub.Place, Operator(hub.Place)));
        await using var clients = new DemoClients(hub.Place, operatorClient, DemoKeys.In(folder));
        await using var run = new DemoRun(context.Output, operatorClient, clients, input, work);
        run.Figures.Seconds["start"] = started;
        try
        {
            await run.RunAsync(city, cancellationToken);
            var refusals = new DemoRefusals(run, clients);
            await run.PhaseAsync("refusals", () => refusals.RunAsync(cancellationToken));
            run.Figures.Seconds["total"] = watch.Elapsed.TotalSeconds;
            if (context.Output.IsJson)
            {
                context.Output.Json(run.Figures.ToJson());
            }
            else
            {
                DemoReport.Print(context.Output, input, run, refusals, folder, context.Value(_once));
            }

            if (!context.Value(_once))
            {
                await StayAsync(context.Output, run, hub, cancellationToken);
            }
        }
        finally
        {
            // Ctrl-C reaches the hub too, which then takes no call any more.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(cancellationToken.IsCancellationRequested ? 1 : 10));
            context.Output.Note("stopping the hub");
            await QuietlyAsync(() => clients.DisableAsync(patience.Token));
        }

        var asPermitted = run.PulledColumns.Select(c => c.Field).ToHashSet().SetEquals(run.PermittedFields);
        return run.Figures.CoverageProven && asPermitted && run.Scan.Found == run.Scan.Counted ? ExitCode.Done : ExitCode.NotProven;
    }

    private static ClientCredential Operator(HubFolder place) =>
        place is { OperatorClient: { } client, OperatorKeyFile: { } key }
            ? ClientCredential.PrivateKey(client, ClientKey.FromPem(File.ReadAllText(key)))
            : throw new UsageException("the hub has no operator's key in its data folder; use an empty folder with --data-dir");

    /// <summary>Runs on until Ctrl-C, telling what the followers see of what happens meanwhile. Ends with a fault when the hub or a feed does.</summary>
    private static async Task StayAsync(Output output, DemoRun run, DemoHub hub, CancellationToken cancellationToken)
    {
        output.Note("the hub runs on; Ctrl-C stops it. What the followers see appears here.");
        foreach (var follower in run.Following)
        {
            follower.OnBatch = (department, batch) =>
            {
                foreach (var change in batch.Changes.Take(5))
                {
                    output.Error.MarkupLineInterpolated($"[blue]{department}[/] sees {change.Kind} record {ValueText.RecordId(change.RecordId)}, written by {change.Department}");
                }
            };
        }

        var interrupted = Task.Delay(Timeout.Infinite, cancellationToken);
        var ended = await Task.WhenAny([interrupted, hub.Ended, .. run.Following.Select(follower => StayAsync(output, follower, interrupted))]);
        if (ended != interrupted)
        {
            // Ctrl-C reaches the hub too, and perhaps first.
            await Task.WhenAny(interrupted, Task.Delay(_ctrlCPatience, CancellationToken.None));
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return; // Ctrl-C is how it ends
        }

        if (hub.Ended.IsCompleted)
        {
            throw new ExchangeException(StatusCode.Unavailable, "HUB_ENDED", $"the hub has ended by itself; the end of its log, {hub.LogPath}, says why");
        }

        await ended; // throws what ended the feed
    }

    /// <summary>A follower whose right policies take is told of; the others go on.</summary>
    private static async Task StayAsync(Output output, DemoFollower follower, Task interrupted)
    {
        try
        {
            await follower.Running;
        }
        catch (ExchangeException e) when (e.Code is StatusCode.PermissionDenied)
        {
            output.Error.MarkupLineInterpolated($"[blue]{follower.Department}[/] follows no more: {e.Message}");
            await interrupted;
        }
    }

    /// <summary>The hub may be gone by now (Ctrl-C reaches it too), which is no fault of the demo.</summary>
    private static async Task QuietlyAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is ExchangeException or OperationCanceledException)
        {
            // Clients that stay enabled have keys that nobody kept.
        }
    }
}
