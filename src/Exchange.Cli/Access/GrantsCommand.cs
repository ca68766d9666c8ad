using System.CommandLine;
using Exchange.Cli.Inbox;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Google.Protobuf.WellKnownTypes;

namespace Exchange.Cli.Access;

/// <summary>`exchange grants`.</summary>
internal static class GrantsCommand
{
    private static readonly Argument<string> _department = new("department") { Description = "department that gives, e.g. hotline" };
    private static readonly Argument<string> _grant = new("grant") { Description = "grant, as `exchange grants list` names it" };
    private static readonly Option<bool> _received = new("--received") { Description = "those that the department received instead of those it gave" };
    private static readonly Option<string> _reader = new("--reader") { Description = "department that may read", Required = true };
    private static readonly Option<string> _resource = new("--resource") { Description = "resource, e.g. complaint", Required = true };
    private static readonly Option<string[]> _fields = CommonOptions.Fields();
    private static readonly Option<string> _purpose = CommonOptions.Purpose();
    private static readonly Option<string> _agreement = new("--agreement") { Description = "the owner's agreement that it is bound to", Required = true };
    private static readonly Option<string?> _filter = new("--row-filter") { Description = "only rows that match; no text search" };
    private static readonly Option<int> _days = new("--days") { Description = "ends after so many days", DefaultValueFactory = _ => 90 };
    private static readonly Option<int> _version = new("--agreement-version") { Description = "version of the agreement that was read", Required = true };
    private static readonly Option<string> _reason = new("--reason") { Description = "why; the other side is told", Required = true };

    public static Command Create(GlobalOptions options) => new Command("grants", "Permissions that owners give to readers under an agreement, with an end.").With(
        new Command("list", "Lists the grants a department gave or received.").With(_department, _received).Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Access.ListGrantsAsync(CommonOptions.Name("departments", context.Value(_department)), context.Value(_received), cancellationToken),
            ["grant", "state", "reader", "resource", "fields", "purposes", "agreement", "begins", "ends", "reason"],
            Row,
            cancellationToken)),
        new Command("create", "Offers a department the right to read fields for a purpose; it reads nothing before it accepted.")
            .With(_department, _reader, _resource, _fields, _purpose, _agreement, _filter, _days).Runs(options, CreateAsync),
        new Command("accept", "Accepts the agreement of an offered grant.").With(_grant, _version).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Access.AcceptGrantAsync(context.Value(_grant), context.Value(_version), cancellationToken))),
        new Command("decline", "Does without an offered grant.").With(_grant, _reason).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Access.DeclineGrantAsync(context.Value(_grant), context.Value(_reason)!, cancellationToken))),
        new Command("revoke", "Revokes a grant; streams that rely on it end within a second.").With(_grant, _reason).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Access.RevokeGrantAsync(context.Value(_grant), context.Value(_reason)!, cancellationToken))),
        new Command("renew", "Asks that a grant be renewed.").With(_grant).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Access.RequestGrantRenewalAsync(context.Value(_grant), cancellationToken))),
        new Command("approve-renewal", "Renews a grant as its reader asks.").With(_grant).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Access.ReviewGrantRenewalAsync(context.Value(_grant), ReviewVerdict.Approve, "", cancellationToken))),
        new Command("reject-renewal", "Does not renew a grant.").With(_grant, _reason).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Access.ReviewGrantRenewalAsync(context.Value(_grant), ReviewVerdict.Reject, context.Value(_reason)!, cancellationToken))));

    private static async Task<int> CreateAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var grant = new Grant
        {
            Reader = CommonOptions.Name("departments", context.Value(_reader)!),
            Resource = CommonOptions.Name("resources", context.Value(_resource)!),
            Fields = { context.Value(_fields) ?? [] },
            Purposes = { CommonOptions.ToPurpose(context.Value(_purpose)!) },
            Agreement = context.Value(_agreement)!,
            RowFilter = context.Value(_filter) ?? "",
            ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(context.Value(_days))),
        };
        return Show(
            context.Output, await context.Client.Access.CreateGrantAsync(CommonOptions.Name("departments", context.Value(_department)), grant, Guid.NewGuid(), cancellationToken));
    }

    private static int Show(Output output, Grant grant)
    {
        if (output.IsJson)
        {
            output.Json(grant);
        }
        else if (!output.NoteWaiting(grant.PendingChange))
        {
            output.Note($"{grant.Name} is {grant.State}, ends {grant.ExpireTime?.ToDateTimeOffset():u}; agreement {grant.Agreement} version {grant.AgreementVersion}");
        }

        return ExitCode.Done;
    }

    private static string[] Row(Grant grant) =>
    [
        grant.Name, $"{grant.State}", CommonOptions.Last(grant.Reader), CommonOptions.Last(grant.Resource), string.Join(' ', grant.Fields), string.Join(' ', grant.Purposes),
        grant.Agreement.Length is 0 ? "" : $"{CommonOptions.Last(grant.Agreement)} version {grant.AgreementVersion}", $"{grant.StartTime?.ToDateTimeOffset():u}",
        $"{grant.ExpireTime?.ToDateTimeOffset():u}", grant.Reason,
    ];
}
