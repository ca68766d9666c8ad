using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Google.Protobuf.WellKnownTypes;

namespace Exchange.Cli.Access;

/// <summary>`exchange requests create`.</summary>
internal static class CreateRequestCommand
{
    private static readonly string[] _modes = ["api", "table", "file", "feed"];
    private static readonly string[] _kinds = ["law", "policy", "sensitive", "other"];
    private static readonly Argument<string> _department = new("department") { Description = "department that asks, e.g. traffic-police" };
    private static readonly Option<string> _resource = new("--resource") { Description = "resource, e.g. complaint", Required = true };
    private static readonly Option<string[]> _fields = CommonOptions.List("--fields", "fields wanted, parted by commas", isRequired: true);
    private static readonly Option<string[]> _owners = CommonOptions.List("--owners", "departments whose records are wanted, for fields whose owner depends on the record");
    private static readonly Option<string> _basis = new("--basis") { Description = "law, document or reason that the use rests on", Required = true };
    private static readonly Option<string> _kind = new Option<string>("--basis-kind") { Description = string.Join(", ", _kinds), DefaultValueFactory = _ => "law" }.AcceptOnlyFromAmong(_kinds);
    private static readonly Option<string> _purpose = CommonOptions.Purpose();
    private static readonly Option<string> _scene = new("--scene") { Description = "what it is used for, in words", Required = true };
    private static readonly Option<string?> _filter = new("--row-filter") { Description = "only rows that match; no text search" };
    private static readonly Option<string> _mode = new Option<string>("--mode") { Description = "how it is read: " + string.Join(", ", _modes), DefaultValueFactory = _ => "api" }.AcceptOnlyFromAmong(_modes);
    private static readonly Option<int> _days = new("--days") { Description = "ends after so many days", DefaultValueFactory = _ => 90 };
    private static readonly Option<bool> _submit = new("--submit") { Description = "submit it too; without, it is a draft and nobody else sees it" };

    public static Command Create(GlobalOptions options) => new Command("create", "Writes a request, and shows whom it asks and what needs no request.")
        .With(_department, _resource, _fields, _owners, _basis, _kind, _purpose, _scene, _filter, _mode, _days, _submit)
        .Runs(options, async (context, cancellationToken) =>
        {
            var saved = await context.Client.Requests.SaveAsync(Read(context), "", cancellationToken);
            return RequestsCommand.Show(context.Output, context.Value(_submit) ? await context.Client.Requests.SubmitAsync(saved.Name, saved.Etag, cancellationToken) : saved);
        });

    private static AccessRequest Read(CommandContext context) => new()
    {
        Name = $"accessRequests/{Guid.NewGuid()}",
        Requester = CommonOptions.Name("departments", context.Value(_department)),
        Resource = CommonOptions.Name("resources", context.Value(_resource)!),
        Fields = { context.Value(_fields) ?? [] },
        Owners = { (context.Value(_owners) ?? []).Select(owner => CommonOptions.Name("departments", owner)) },
        Basis = new Basis { Kind = (BasisKind)(Array.IndexOf(_kinds, context.Value(_kind)) + 1), Text = context.Value(_basis)! },
        Purpose = CommonOptions.ToPurpose(context.Value(_purpose)!),
        Scene = context.Value(_scene)!,
        RowFilter = context.Value(_filter) ?? "",
        Mode = (PlatformMode)(Array.IndexOf(_modes, context.Value(_mode)) + 1),
        ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(context.Value(_days))),
    };
}
