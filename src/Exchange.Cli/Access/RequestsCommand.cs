using System.CommandLine;
using Exchange.Cli.Inbox;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;
using Spectre.Console;

namespace Exchange.Cli.Access;

/// <summary>`exchange requests`.</summary>
internal static class RequestsCommand
{
    private static readonly string[] _sides = ["mine", "to-own", "to-act"];
    private static readonly Argument<string> _request = new("request") { Description = "request, as `requests list` names it" };
    private static readonly Argument<FileInfo> _many = new Argument<FileInfo>("file") { Description = "JSON list of requests, or of reviews, in the names of the proto" }.AcceptExistingOnly();
    private static readonly Option<string?> _side = new Option<string?>("--side") { Description = "mine: asked by my department; to-own: of its fields; to-act: it has to act now" }.AcceptOnlyFromAmong(_sides);
    private static readonly Option<string?> _due = new Option<string?>("--due") { Description = "near: with a limit near or over; overdue: over" }.AcceptOnlyFromAmong("near", "overdue");
    private static readonly Option<string> _etag = new("--etag") { Description = "etag of the request that was read, as `requests show` tells it: nothing else is decided", Required = true };
    private static readonly Option<string?> _onlyEtag = new("--etag") { Description = "only if the request still has this etag" };
    private static readonly Option<string> _reason = new("--reason") { Description = "why; the other side is told", Required = true };
    private static readonly Option<string?> _partReason = new("--reason") { Description = "why not all of it; required with --fields" };
    private static readonly Option<string> _agreement = new("--agreement") { Description = "the owner's agreement that the grant is bound to", Required = true };
    private static readonly Option<string[]> _approved = CommonOptions.List("--fields", "only these of the fields asked for");
    private static readonly Option<string?> _renewal = new Option<string?>("--renewal") { Description = "the grant may be renewed by the month or quarter" }.AcceptOnlyFromAmong("month", "quarter");
    private static readonly Option<long> _perDay = new("--records-per-day") { Description = "at most so many records a day" };
    private static readonly Option<string> _question = new("--question") { Description = "what must be said", Required = true };
    private static readonly Option<string> _answer = new("--answer") { Description = "the answer", Required = true };
    private static readonly Option<string> _owner = new("--owner") { Description = "department that asked", Required = true };
    private static readonly Option<string> _to = new("--to") { Description = "department that decides instead", Required = true };
    private static readonly Option<bool> _apply = new("--apply") { Description = "do it; without, only what would come of it is shown" };

    public static Command Create(GlobalOptions options) => new Command("requests", "Requests to read fields of other departments, and their decisions (共享申请).").With(
        new Command("list", "Lists the requests your department has to do with.").With(_side, _due).Runs(options, ListAsync),
        new Command("show", "Shows a request with its parts.").With(_request).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Requests.GetAsync(NameOf(context), cancellationToken))),
        CreateRequestCommand.Create(options),
        new Command("submit", "Submits a draft.").With(_request, _onlyEtag).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Requests.SubmitAsync(NameOf(context), context.Value(_onlyEtag) ?? "", cancellationToken))),
        new Command("withdraw", "Takes back what is not decided yet.").With(_request, _onlyEtag).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Requests.WithdrawAsync(NameOf(context), context.Value(_onlyEtag) ?? "", cancellationToken))),
        new Command("answer", "Answers what an owner asked.").With(_request, _etag, _owner, _answer).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Requests.SupplementAsync(
                NameOf(context), context.Value(_etag)!, CommonOptions.Name("departments", context.Value(_owner)!), context.Value(_answer)!, cancellationToken))),
        new Command("pass", "Finds a request in conformity, for the sharing authority; it goes to its owners.").With(_request, _etag).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Requests.CheckAsync(NameOf(context), context.Value(_etag)!, ReviewVerdict.Approve, "", cancellationToken))),
        new Command("return", "Rejects a request, for the sharing authority.").With(_request, _etag, _reason).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Requests.CheckAsync(NameOf(context), context.Value(_etag)!, ReviewVerdict.Reject, context.Value(_reason)!, cancellationToken))),
        new Command("approve", "Approves your department's part, or some fields of it, which offers a grant.")
            .With(_request, _etag, _agreement, _approved, _partReason, _renewal, _perDay).Runs(options, ApproveAsync),
        new Command("reject", "Rejects your department's part.").With(_request, _etag, _reason).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Requests.ReviewAsync(
                new ReviewAccessRequestRequest { Name = NameOf(context), Etag = context.Value(_etag)!, Verdict = ReviewVerdict.Reject, Reason = context.Value(_reason)! }, cancellationToken))),
        new Command("ask", "Asks the requester something; your limit stops until the answer.").With(_request, _etag, _question).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Requests.AskAsync(NameOf(context), context.Value(_etag)!, context.Value(_question)!, cancellationToken))),
        new Command("hand-over", "Hands your department's part over to the department that owns those fields instead.").With(_request, _etag, _to, _reason).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Requests.HandOverAsync(
                NameOf(context), context.Value(_etag)!, CommonOptions.Name("departments", context.Value(_to)!), context.Value(_reason)!, cancellationToken))),
        new Command("submit-many", "Shows what would come of many requests, and with --apply saves and submits them, each for itself.").With(_many, _apply).Runs(options, async (context, cancellationToken) =>
            await ShowManyAsync(context, await context.Client.Requests.BatchSubmitAsync(
                await JsonFile.ReadListAsync<AccessRequest>(context.Value(_many), cancellationToken), !context.Value(_apply), cancellationToken), cancellationToken)),
        new Command("review-many", "Shows what would come of many decisions, and with --apply makes them, each for itself.").With(_many, _apply).Runs(options, async (context, cancellationToken) =>
            await ShowManyAsync(context, await context.Client.Requests.BatchReviewAsync(
                await JsonFile.ReadListAsync<ReviewAccessRequestRequest>(context.Value(_many), cancellationToken), !context.Value(_apply), cancellationToken), cancellationToken)));

    internal static int Show(Output output, AccessRequest request)
    {
        if (output.IsJson)
        {
            output.Json(request);
            return ExitCode.Done;
        }

        output.NoteWaiting(request.PendingChange);
        output.People.WriteLine($"{request.Name} is in {request.State} (etag {request.Etag})");
        output.People.WriteLine($"{CommonOptions.Last(request.Requester)} asks for {string.Join(", ", request.Fields)} of {CommonOptions.Last(request.Resource)} for {request.Purpose}: {request.Scene}");
        if (request.RejectReason.Length > 0)
        {
            output.People.WriteLine($"rejected: {request.RejectReason}");
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("owner", "fields", "state", "until", "said", "grant");
        foreach (var part in request.Parts)
        {
            table.AddRow(
                CommonOptions.Last(part.Owner), string.Join(' ', part.ApprovedFields.Count > 0 ? part.ApprovedFields : part.Fields), $"{part.State}",
                part.DueTime is null ? "" : $"{part.DueTime.ToDateTimeOffset():u} {part.DueState}", Markup.Escape(Said(part)), part.Grant);
        }

        output.People.Write(table);
        foreach (var field in request.Unneeded)
        {
            output.People.WriteLine($"{field.Field} of {CommonOptions.Last(field.Owner)} needs no request: {field.Reason}");
        }

        foreach (var violation in request.Violations)
        {
            output.People.WriteLine($"cannot be submitted: {violation.Field} {violation.Reason}: {violation.Message}");
        }

        return ExitCode.Done;
    }

    private static string NameOf(CommandContext context) => CommonOptions.Name("accessRequests", context.Value(_request));

    private static Task<int> ListAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var filter = new ListAccessRequestsRequest
        {
            Side = (AccessRequestSide)(Array.IndexOf(_sides, context.Value(_side)) + 1),
            DueState = context.Value(_due) switch { "near" => DueState.Near, "overdue" => DueState.Overdue, _ => DueState.Unspecified },
        };
        return context.Output.TableAsync(
            context.Client.Requests.ListAsync(filter, cancellationToken),
            ["request", "state", "requester", "resource", "purpose", "owners", "submitted", "due", "etag"],
            request =>
            [
                request.Name, $"{request.State}", CommonOptions.Last(request.Requester), CommonOptions.Last(request.Resource), $"{request.Purpose}",
                string.Join(' ', request.Parts.Select(part => CommonOptions.Last(part.Owner))), $"{request.SubmitTime?.ToDateTimeOffset():u}", Due(request), request.Etag,
            ],
            cancellationToken);
    }

    private static async Task<int> ApproveAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var terms = new ApprovalTerms
        {
            Agreement = context.Value(_agreement)!,
            Fields = { context.Value(_approved) ?? [] },
            Quota = context.Value(_perDay) is > 0 and var perDay ? new Quota { RecordsPerDay = perDay } : null,
            RenewalPeriod = context.Value(_renewal) switch { "month" => RenewalPeriod.Month, "quarter" => RenewalPeriod.Quarter, _ => RenewalPeriod.Unspecified },
        };
        var review = new ReviewAccessRequestRequest
        {
            Name = NameOf(context), Etag = context.Value(_etag)!, Verdict = ReviewVerdict.Approve, Reason = context.Value(_partReason) ?? "", Terms = terms,
        };
        return Show(context.Output, await context.Client.Requests.ReviewAsync(review, cancellationToken));
    }

    private static string ComesTo(AccessRequestResult result) => result switch
    {
        { Refusal: not null } => "",
        { Waits: true, Request.PendingChange: "" } => "would wait for a second steward",
        { Waits: true } => $"waits: {result.Request.PendingChange}",
        _ => $"{result.Request.State}",
    };

    private static async Task<int> ShowManyAsync(CommandContext context, BatchAccessRequestsResponse response, CancellationToken cancellationToken)
    {
        await context.Output.TableAsync(
            response.Results.ToAsyncEnumerable(),
            ["request", "comes to", "parts", "refused because"],
            result =>
            [
                result.Request.Name, ComesTo(result), string.Join(' ', result.Request.Parts.Select(part => CommonOptions.Last(part.Owner))),
                result.Refusal?.Message ?? "",
            ],
            cancellationToken);
        context.Output.Note(context.Value(_apply) ? "each was done for itself" : "nothing was done: give --apply to do it");
        return ExitCode.Done;
    }

    private static string Due(AccessRequest request) =>
        request.Parts.Select(part => part.DueTime).Append(request.DueTime).OfType<Google.Protobuf.WellKnownTypes.Timestamp>().Min() is { } due ? $"{due.ToDateTimeOffset():u}" : "";

    private static string Said(AccessRequestPart part) =>
        string.Join("; ", new[] { part.Reason, part.Question.Length > 0 ? $"asked: {part.Question}" : "", part.Answer.Length > 0 ? $"answered: {part.Answer}" : "" }.Where(text => text.Length > 0));
}
