using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Google.Protobuf.WellKnownTypes;

namespace Exchange.Cli.Access;

/// <summary>`exchange grants`.</summary>
internal static class GrantsCommand
{
    private static readonly Argument<string> _owner = new("owner") { Description = "department that gives, e.g. hotline" };
    private static readonly Argument<string> _grant = new("grant") { Description = "grant, as `exchange grants list` names it" };
    private static readonly Option<string> _reader = new("--reader") { Description = "department that may read", Required = true };
    private static readonly Option<string> _resource = new("--resource") { Description = "resource, e.g. complaint", Required = true };
    private static readonly Option<string[]> _fields = CommonOptions.Fields();
    private static readonly Option<string> _purpose = CommonOptions.Purpose();
    private static readonly Option<string?> _filter = new("--row-filter") { Description = "only rows that match; no text search" };
    private static readonly Option<int> _days = new("--days") { Description = "ends after so many days", DefaultValueFactory = _ => 90 };

    public static Command Create(GlobalOptions options) => new Command("grants", "Permissions that owners give to readers, with an end.").With(
        new Command("list", "Lists the grants a department gave.").With(_owner).Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Access.ListGrantsAsync(CommonOptions.Name("departments", context.Value(_owner)), cancellationToken),
            ["grant", "reader", "resource", "fields", "purposes", "ends", "revoked"],
            Row,
            cancellationToken)),
        new Command("create", "Gives a department the right to read fields for a purpose.").With(_owner, _reader, _resource, _fields, _purpose, _filter, _days).Runs(options, CreateAsync),
        new Command("revoke", "Revokes a grant; streams that rely on it end within a second.").With(_grant).Runs(options, async (context, cancellationToken) =>
        {
            Show(context.Output, await context.Client.Access.RevokeGrantAsync(context.Value(_grant), cancellationToken), "revoked");
            return ExitCode.Done;
        }));

    private static async Task<int> CreateAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var grant = new Grant
        {
            Reader = CommonOptions.Name("departments", context.Value(_reader)!),
            Resource = CommonOptions.Name("resources", context.Value(_resource)!),
            Fields = { context.Value(_fields) ?? [] },
            Purposes = { CommonOptions.ToPurpose(context.Value(_purpose)!) },
            RowFilter = context.Value(_filter) ?? "",
            ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(context.Value(_days))),
        };
        Show(context.Output, await context.Client.Access.CreateGrantAsync(CommonOptions.Name("departments", context.Value(_owner)), grant, Guid.NewGuid(), cancellationToken), "granted");
        return ExitCode.Done;
    }

    private static void Show(Output output, Grant grant, string what)
    {
        if (output.IsJson)
        {
            output.Json(grant);
        }
        else
        {
            output.Note($"{what}: {grant.Name}");
        }
    }

    private static string[] Row(Grant grant) =>
    [
        grant.Name, grant.Reader, grant.Resource, string.Join(' ', grant.Fields), string.Join(' ', grant.Purposes), $"{grant.ExpireTime?.ToDateTimeOffset():u}", $"{grant.RevokeTime?.ToDateTimeOffset():u}",
    ];
}
