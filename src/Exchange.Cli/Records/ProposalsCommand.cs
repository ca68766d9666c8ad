using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Clients.Export;
using Exchange.Protos.V1;
using Google.Protobuf.WellKnownTypes;
using Spectre.Console;
using Value = Exchange.Protos.V1.Value;

namespace Exchange.Cli.Records;

/// <summary>`exchange proposals`.</summary>
internal static class ProposalsCommand
{
    private static readonly string[] _states = ["open", "accepted", "declined", "withdrawn", "lapsed"];
    private static readonly Argument<string> _department = new("department") { Description = "department, e.g. housing" };
    private static readonly Argument<string> _proposal = new("proposal") { Description = "proposal, as `proposals list` names it" };
    private static readonly Option<bool> _made = new("--made") { Description = "those the department made, instead of those of its own fields" };
    private static readonly Option<string?> _state = new Option<string?>("--state") { Description = "only those that are " + string.Join(", ", _states) }.AcceptOnlyFromAmong(_states);
    private static readonly Option<string?> _resource = new("--resource") { Description = "only of this resource" };
    private static readonly Option<int?> _dueIn = new("--due-in") { Description = "only those that lapse within so many days" };
    private static readonly Option<string[]> _accepted = CommonOptions.List("--fields", "only these fields; the others are declined");
    private static readonly Option<string> _note = new("--reason") { Description = "what to tell the proposer", DefaultValueFactory = _ => "" };
    private static readonly Option<string> _reason = new("--reason") { Description = "why; the proposer is told", Required = true };
    private static readonly Option<long> _version = new("--record-version") { Description = "version of the record that you decide on, as `proposals show` tells it: needed when a value was written since" };
    private static readonly Option<string?> _text = new("--text") { Description = "text to write in the place of what was proposed, or where a dispute said nothing" };
    private static readonly Option<string?> _code = new("--code") { Description = "code to write, likewise" };
    private static readonly Argument<string> _record = RecordName.Argument();
    private static readonly Option<string> _field = new("--field") { Description = "field whose value is wrong", Required = true };
    private static readonly Option<long> _readVersion = new("--read-version") { Description = "version of the record that you read, as `get` and `pull` tell it", Required = true };
    private static readonly Option<string> _purpose = CommonOptions.Purpose();
    private static readonly Option<string> _requestId = new("--request-id") { Description = "names the dispute; the same again is the same dispute", DefaultValueFactory = _ => Guid.NewGuid().ToString() };

    public static Command Create(GlobalOptions options) => new Command("proposals", "Values that others propose for your fields, or dispute, and what becomes of yours (校核).").With(
        new Command("list", "Lists a department's proposals, those that lapse first before the others.").With(_department, _made, _state, _resource, _dueIn).Runs(options, ListAsync),
        new Command("show", "Shows a proposal with its values; audited like a read.").With(_proposal, _purpose).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Proposals.GetAsync(context.Value(_proposal)!, CommonOptions.ToPurpose(context.Value(_purpose)!), cancellationToken))),
        new Command("accept", "Accepts a proposal, or some of its fields: writes it as your department's.").With(_proposal, _accepted, _note, _version, _text, _code).Runs(options, AcceptAsync),
        new Command("decline", "Declines a proposal.").With(_proposal, _reason).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Proposals.ReviewAsync(
                new ReviewProposalRequest { Name = context.Value(_proposal)!, Verdict = ReviewVerdict.Reject, Reason = context.Value(_reason)! }, cancellationToken))),
        new Command("withdraw", "Takes back a proposal of your department.").With(_proposal).Runs(options, async (context, cancellationToken) =>
            Show(context.Output, await context.Client.Proposals.WithdrawAsync(context.Value(_proposal)!, cancellationToken))),
        new Command("dispute", "Tells the owner that a value you read is wrong.").With(_record, _field, _readVersion, _purpose, _reason, _text, _code, _requestId).Runs(options, DisputeAsync));

    private static async Task<int> ListAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var request = new ListProposalsRequest
        {
            Parent = CommonOptions.Name("departments", context.Value(_department)!),
            Made = context.Value(_made),
            State = context.Value(_state) is { } state ? System.Enum.Parse<ProposalState>(state, ignoreCase: true) : ProposalState.Unspecified,
            Resource = context.Value(_resource) is { } resource ? CommonOptions.Name("resources", resource) : "",
            DueBefore = context.Value(_dueIn) is { } days ? Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(days)) : null,
        };
        return await context.Output.TableAsync(
            context.Client.Proposals.ListAsync(request, cancellationToken), ["proposal", "kind", "state", "by", "owner", "fields", "lapses"], Row, cancellationToken);
    }

    private static async Task<int> AcceptAsync(CommandContext context, CancellationToken cancellationToken) =>
        Show(context.Output, await context.Client.Proposals.ReviewAsync(
            new ReviewProposalRequest
            {
                Name = context.Value(_proposal)!,
                Verdict = ReviewVerdict.Approve,
                Fields = { context.Value(_accepted) ?? [] },
                Reason = context.Value(_note)!,
                RecordVersion = context.Value(_version),
                Value = Given(context),
            },
            cancellationToken));

    private static async Task<int> DisputeAsync(CommandContext context, CancellationToken cancellationToken) =>
        Show(context.Output, await context.Client.Proposals.DisputeAsync(
            new DisputeValueRequest
            {
                Record = RecordName.Read(context.Value(_record)!),
                Field = context.Value(_field)!,
                ReadVersion = context.Value(_readVersion),
                Purpose = CommonOptions.ToPurpose(context.Value(_purpose)!),
                Reason = context.Value(_reason)!,
                Value = Given(context),
                RequestId = context.Value(_requestId)!,
            },
            cancellationToken));

    private static Value? Given(CommandContext context) => (context.Value(_text), context.Value(_code)) switch
    {
        (null, null) => null,
        ({ } text, null) => new Value { Text = text },
        (null, { } code) => new Value { Code = code },
        _ => throw new UsageException("give --text or --code, not both"),
    };

    private static int Show(Output output, Proposal proposal)
    {
        if (output.IsJson)
        {
            output.Json(proposal);
            return ExitCode.Done;
        }

        output.People.WriteLine($"{proposal.Name} is {proposal.State}; {CommonOptions.Last(proposal.Proposer)} to {CommonOptions.Last(proposal.Owner)}, lapses {proposal.DueTime?.ToDateTimeOffset():u}");
        foreach (var said in new[] { proposal.Reason, proposal.DecisionReason }.Where(said => said.Length > 0))
        {
            output.People.WriteLine($"said: {said}");
        }

        if (proposal.RecordVersion > 0)
        {
            output.People.WriteLine($"the record is at version {proposal.RecordVersion}");
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("field", "proposed", "");
        foreach (var field in proposal.Fields)
        {
            table.AddRow(new Text(field.Field), new Text(Proposed(field)), new Text(field.Accepted ? "accepted" : field.Changed ? "written since" : ""));
        }

        output.People.Write(table);
        return ExitCode.Done;
    }

    private static string Proposed(ProposedField field) => field.Value is null ? "" : field.Value.Clear ? "(no value)" : ValueText.OfBoth(field.Value);

    private static string[] Row(Proposal proposal) =>
    [
        proposal.Name, $"{proposal.Kind}", $"{proposal.State}", CommonOptions.Last(proposal.Proposer), CommonOptions.Last(proposal.Owner),
        string.Join(' ', proposal.Fields.Select(field => field.Field)), $"{proposal.DueTime?.ToDateTimeOffset():u}",
    ];
}
