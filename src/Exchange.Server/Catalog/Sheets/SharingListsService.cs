using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Protos.V1;
using Exchange.Server.Governance;
using Exchange.Server.Governance.Changes;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using SharingDifference = Exchange.Catalog.SharingDifference;

namespace Exchange.Server.Catalog.Sheets;

/// <summary>Sends sharing lists around as sheets.</summary>
internal sealed class SharingListsService(GovernanceCommands commands, GovernanceStore store, TimeProvider time) : Protos.V1.SharingListsService.SharingListsServiceBase
{
    private const int MostDifferences = 5_000;
    private const int MostResources = 500;

    private static readonly RefusalReason SheetTooLarge = new("SHEET_TOO_LARGE", RefusalKind.FailedPrecondition);

    /// <inheritdoc/>
    public override async Task<ExportSharingListsResponse> ExportSharingLists(ExportSharingListsRequest request, ServerCallContext context)
    {
        var department = ResourceNames.Department("parent", request.Parent).OrThrow();
        ResourceId? only = request.Resource.Length > 0 ? ResourceNames.Resource("resource", request.Resource).OrThrow() : null;
        var isChinese = request.Language switch
        {
            SheetLanguage.Unspecified or SheetLanguage.Zh => true,
            SheetLanguage.En => false,
            _ => throw Refusal.Invalid("language", "UNKNOWN_VALUE", "give ZH or EN").ToException(),
        };
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        Lookup.Department(state, department).OrThrow();
        if (only is { } resource)
        {
            Lookup.Resource(state, resource).OrThrow();
        }

        var (csv, rows) = SheetText.Write(SharingSheet.Headings(isChinese), SharingSheet.Rows(state, department, only, isChinese), Paging.LargestBytes);
        return csv is not null
            ? new ExportSharingListsResponse { Csv = csv, RowCount = rows }
            : throw new Refusal(SheetTooLarge, $"the sheet is larger than {Paging.LargestBytes} bytes: ask for one resource at a time").ToException();
    }

    /// <inheritdoc/>
    public override async Task<ImportSharingListsResponse> ImportSharingLists(ImportSharingListsRequest request, ServerCallContext context)
    {
        var department = ResourceNames.Department("parent", request.Parent).OrThrow();
        GovernanceRoles.RequireSteward(context.Caller, department).OrThrow();
        var (headings, lines) = SheetText.Read(request.Csv).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        Lookup.Department(state, department).OrThrow();
        var rows = SharingSheet.Read(state, department, headings, lines).OrThrow();
        if (rows.Select(row => row.Resource).Distinct().Skip(MostResources).Any())
        {
            throw Refusal.Invalid("csv", "TOO_MANY", $"a sheet is about at most {MostResources} resources").ToException();
        }

        var preview = SharingListImport.Decide(state, department, rows, request.Etag).OrThrow();
        if (request.ValidateOnly || preview.Events is [])
        {
            // What would be refused is refused when it is looked at.
            Administration.Forbid(state, context.Caller, preview.Events, time.GetUtcNow()).OrThrow();

            return Answer(preview.Value, SharingListImport.EtagOf(state, department, rows), isApplied: false);
        }

        // Decided anew on the newest state: what a cell left out is what holds then.
        var etag = request.Etag;
        var changed = await commands.ExecuteOrHoldAsync<Imported>(
            context.Caller,
            [.. rows.Select(row => row.Resource).Distinct().Select(resource => GovernanceStreams.SharingList(department, resource))],
            (newest, _) => Import(newest),
            context.CancellationToken);
        var (imported, pending) = changed.OrThrow();
        var answer = Answer(imported.Differences, pending is null ? imported.Etag : SharingListImport.EtagOf(store.Current, department, rows), isApplied: pending is null);
        answer.PendingChange = PendingChangeMap.NameOf(pending);
        return answer;

        Result<GovernanceDecision<Imported>> Import(GovernanceState newest)
        {
            var read = SharingSheet.Read(newest, department, headings, lines);
            if (read.IsRefused)
            {
                return read.Refusal;
            }

            var decision = SharingListImport.Decide(newest, department, read.Value, etag);
            if (decision.IsRefused)
            {
                return decision.Refusal;
            }

            var after = newest.After(decision.Value.Events);
            return new GovernanceDecision<Imported>(new Imported(decision.Value.Value, SharingListImport.EtagOf(after, department, read.Value)), decision.Value.Events);
        }
    }

    private static ImportSharingListsResponse Answer(ImmutableArray<SharingDifference> differences, string etag, bool isApplied)
    {
        var answer = new ImportSharingListsResponse { DifferenceCount = differences.Length, Etag = etag, Applied = isApplied };
        var bytes = 0;
        foreach (var difference in differences.Take(MostDifferences))
        {
            var message = new SharingListDifference
            {
                Resource = ResourceMap.NameOf(difference.Resource), Field = difference.Field, Part = difference.Part, Before = difference.Before, After = difference.After,
            };
            if ((bytes += message.CalculateSize()) > Paging.LargestBytes)
            {
                break;
            }

            answer.Differences.Add(message);
        }

        return answer;
    }

    private sealed record Imported(ImmutableArray<SharingDifference> Differences, string Etag);
}
