using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;

namespace Exchange.Cli.Identity;

/// <summary>`exchange identity signing-keys`.</summary>
internal static class SigningKeysCommand
{
    private static readonly Option<bool> _atOnce = new("--at-once") { Description = "a key has leaked: the new one signs now, and nothing that older ones signed is accepted any more" };

    public static Command Create(GlobalOptions options) => new Command("signing-keys", "The hub's own keys, which sign access tokens.").With(
        new Command("list", "Lists them, also those that are no longer accepted.").Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Identity.ListSigningKeysAsync(cancellationToken),
            ["key", "added", "signs from", "accepted until", "signs now"],
            k => [k.Name, $"{k.CreateTime?.ToDateTimeOffset():u}", $"{k.SignTime?.ToDateTimeOffset():u}", $"{k.AcceptUntil?.ToDateTimeOffset():u}", k.Signing ? "yes" : ""],
            cancellationToken)),
        new Command("rotate", "Adds a key that takes over in ten minutes; tokens of the older one are good until they expire.").With(_atOnce).Runs(options, RotateAsync));

    private static async Task<int> RotateAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var added = await context.Client.Identity.RotateSigningKeyAsync(context.Value(_atOnce), cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(added);
        }
        else
        {
            context.Output.Note($"{added.Name} signs from {added.SignTime.ToDateTimeOffset():u}");
        }

        return ExitCode.Done;
    }
}
