using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Google.Protobuf;
using Spectre.Console;

namespace Exchange.Cli.Policies;

/// <summary>`exchange policy simulate`.</summary>
internal static class SimulateCommand
{
    private const string ShareForm = "DEPARTMENT/RESOURCE/FIELD=CLASS[,MASK]";

    private static readonly Option<FileInfo[]> _rows = new Option<FileInfo[]>("--set") { Description = "file with a row to set, as JSON like `policy list --json` prints it; may be repeated" }.AcceptExistingOnly();
    private static readonly Option<string[]> _removed = new("--remove") { Description = "row to remove; may be repeated" };
    private static readonly Option<string[]> _shared = new("--share") { Description = $"entry of a sharing list to change, {ShareForm}, e.g. hotline/complaint/content=unconditional,redact; may be repeated" };
    private static readonly Option<string[]> _departments = new("--department") { Description = "only this reader; may be repeated" };
    private static readonly Option<string[]> _resources = new("--resource") { Description = "only this resource; may be repeated" };
    private static readonly Option<string[]> _purposes = CommonOptions.OnlyPurposes();
    private static readonly Option<string?> _network = new("--from") { Description = "address that the readers call from, where a row asks for it" };

    public static Command Create(GlobalOptions options) =>
        new Command("simulate", "Tells which answers a change of policies would change, and which reads of the last seven days it would have answered otherwise; nothing is stored.")
            .With(_rows, _removed, _shared, _departments, _resources, _purposes, _network).Runs(options, RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var simulated = await context.Client.Policies.SimulateAsync(await ReadAsync(context, cancellationToken), cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(simulated);
            return ExitCode.Done;
        }

        if (simulated.ChangeCount > 0)
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("resource", "department", "field", "action", "purposes", "now", "then", "no longer", "instead");
            foreach (var change in simulated.Changes)
            {
                table.AddRow(
                    CommonOptions.Last(change.Resource), CommonOptions.Last(change.Department), change.Field, PolicyText.Action(change.Action),
                    PolicyText.Purposes(change.Purposes), PolicyText.Answer(change.Before, change.Action), PolicyText.Answer(change.After, change.Action),
                    Markup.Escape(PolicyText.Beyond(change.Before, change.After)), Markup.Escape(PolicyText.Beyond(change.After, change.Before)));
            }

            context.Output.People.Write(table);
        }

        context.Output.Note($"{simulated.ChangeCount} answers change{(simulated.ChangeCount > simulated.Changes.Count ? $", the first {simulated.Changes.Count} are shown" : "")}; {simulated.PlanCount} plans compared at policy revision {simulated.Revision}");
        ShowReads(context.Output, simulated);
        if (simulated.UnjudgedRows.Count > 0)
        {
            context.Output.Note($"not compared: answers that hang on the caller's address, which is asked for by {string.Join(", ", simulated.UnjudgedRows.Select(PolicyText.Id))}; name one with --from");
        }

        return ExitCode.Done;
    }

    private static void ShowReads(Output output, SimulateResponse simulated)
    {
        if (simulated.ReadChanges.Count > 0)
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("reads", "from", "to", "department", "action", "resource", "purpose", "with the change");
            foreach (var change in simulated.ReadChanges)
            {
                table.AddRow(
                    $"{change.ReadCount}", $"{change.FirstTime.ToDateTimeOffset():u}", $"{change.LastTime.ToDateTimeOffset():u}", CommonOptions.Last(change.Department), change.Action,
                    CommonOptions.Last(change.Resource), PolicyText.Purposes([change.Purpose]), Markup.Escape(PolicyText.Reads(change)));
            }

            output.People.Write(table);
        }

        var shown = simulated.ReadChangeCount > simulated.ReadChanges.Count ? $", the first {simulated.ReadChanges.Count} are shown" : "";
        var older = simulated.ReadsTruncated ? ", older ones left out" : "";
        output.Note(
            $"{simulated.ReadChangeCount} kinds of reads since {simulated.ReadsStartTime?.ToDateTimeOffset():u} would have been answered otherwise{shown}; "
            + $"{simulated.ReadsConsidered} reads compared{older}");
    }

    private static async Task<SimulateRequest> ReadAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var request = new SimulateRequest
        {
            RemovedRows = { (context.Value(_removed) ?? []).Select(PolicyText.Name) },
            Departments = { (context.Value(_departments) ?? []).Select(department => CommonOptions.Name("departments", department)) },
            Resources = { (context.Value(_resources) ?? []).Select(resource => CommonOptions.Name("resources", resource)) },
            Purposes = { (context.Value(_purposes) ?? []).Select(CommonOptions.ToPurpose) },
            Network = context.Value(_network) ?? "",
        };
        foreach (var file in context.Value(_rows) ?? [])
        {
            request.SetRows.Add(ReadRow(file.Name, await File.ReadAllTextAsync(file.FullName, cancellationToken)));
        }

        foreach (var share in context.Value(_shared) ?? [])
        {
            await AddAsync(request, share, context, cancellationToken);
        }

        return request.SetRows.Count + request.RemovedRows.Count + request.SharingLists.Count > 0
            ? request
            : throw new UsageException("say what would change, with --set, --remove or --share");
    }

    private static PolicyRow ReadRow(string file, string json)
    {
        try
        {
            return PolicyRow.Parser.ParseJson(json);
        }
        catch (Exception e) when (e is InvalidJsonException or InvalidProtocolBufferException)
        {
            throw new UsageException($"{file} holds no policy row as `policy list --json` prints them: {e.Message}");
        }
    }

    // What the change does not name stays as it stands.
    private static async Task AddAsync(SimulateRequest request, string share, CommandContext context, CancellationToken cancellationToken)
    {
        if (share.Split('=', 2) is not [var place, var said] || place.Split('/') is not [var department, var resource, var field]
            || said.Split(',', 2) is not [var word, .. var masks]
            || !Enum.TryParse<SharingClass>(word.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var sharingClass) || !Enum.IsDefined(sharingClass))
        {
            throw new UsageException($"`{share}` is not {ShareForm} with a class of unconditional, conditional or not-shared");
        }

        var name = $"departments/{department}/sharingLists/{resource}";
        var list = await context.Client.Catalog.GetSharingListAsync(name, cancellationToken);
        var entry = list.Entries.FirstOrDefault(entry => entry.Field == field)
            ?? throw new UsageException($"`{department}` owns no field `{field}` of `{resource}`: see exchange sharing-list show {department} {resource}");
        entry.SharingClass = sharingClass;

        // The list itself needs real ones; here nothing is kept.
        entry.Basis ??= new Basis { Kind = BasisKind.Other, Text = "tried out" };
        entry.OpenBasis ??= new Basis { Kind = BasisKind.Other, Text = "tried out" };

        entry.Mask = masks is [var mask] ? PolicyRowOptions.ToMask(mask) : entry.Mask;
        if (request.SharingLists.FirstOrDefault(changed => changed.Name == name) is { } known)
        {
            known.Entries.Add(entry);
        }
        else
        {
            request.SharingLists.Add(new SharingList { Name = name, Entries = { entry } });
        }
    }
}
