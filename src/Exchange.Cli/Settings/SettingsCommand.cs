using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;

namespace Exchange.Cli.Settings;

/// <summary>`exchange settings`.</summary>
internal static class SettingsCommand
{
    private static readonly Argument<FileInfo> _file = new Argument<FileInfo>("file") { Description = "JSON as `settings show` writes it" }.AcceptExistingOnly();
    private static readonly Option<string?> _etag = new("--etag") { Description = "only if the settings still have this etag" };

    public static Command Create(GlobalOptions options) => new Command("settings", "What the hub settles for all: who coordinates and supervises sharing, limits, working days.").With(
        new Command("show", "Writes the settings as JSON.").Runs(options, async (context, cancellationToken) =>
        {
            context.Output.Json(await context.Client.Settings.GetAsync(cancellationToken));
            return ExitCode.Done;
        }),
        new Command("update", "Replaces the settings (operator).").With(_file, _etag).Runs(options, async (context, cancellationToken) =>
        {
            var settings = await JsonFile.ReadAsync<HubSettings>(context.Value(_file), cancellationToken);
            context.Output.Json(await context.Client.Settings.UpdateAsync(settings, context.Value(_etag) ?? "", cancellationToken));
            return ExitCode.Done;
        }));
}
