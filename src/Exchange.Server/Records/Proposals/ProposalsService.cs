using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Records;
using Exchange.EventStore;
using Exchange.EventStore.Appending;
using Exchange.Server.Audit;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Reading;
using Google.Protobuf;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Proposals;

/// <summary>Takes disputes, and takes proposals to their owners' decisions.</summary>
internal sealed class ProposalsService(
    EventLog log, GovernanceStore store, ProposalTable table, ProposalWriter writer, RecordReader records, ProposalReader proposals, TimeProvider time)
    : Proto.ProposalsService.ProposalsServiceBase
{
    private const int LongestRequestId = 100;
    private const int MostAttempts = 5;

    /// <inheritdoc/>
    public override async Task<Proto.Proposal> DisputeValue(Proto.DisputeValueRequest request, ServerCallContext context)
    {
        (ProposalRules.RequireReason(request.Reason, atLeast: 1) ?? RequireForm(request)).OrThrow();
        var record = await records.ReadAsync(
            request.Record, [request.Field], (Purpose)request.Purpose, PlanAction.Get, ReadActions.Dispute, context,
            (read, scope) => DisputeAsync(read, scope, request, context.CancellationToken));
        return await DoneAsync(context.Caller, record, (request.Reason, ""), context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Proto.Proposal> GetProposal(Proto.GetProposalRequest request, ServerCallContext context)
    {
        var row = (await FindAsync(context.Caller, ProposalName.Parse(request.Name).OrThrow(), context.CancellationToken)).OrThrow();
        return ProposalRules.IsSide(row.Proposal, context.Caller)
            ? await proposals.ReadAsync(row, (Purpose)request.Purpose, context)
            : row.ToProto(store.Current.LastResource(new ResourceId(row.Resource)), context.Caller);
    }

    /// <inheritdoc/>
    public override async Task<Proto.ListProposalsResponse> ListProposals(Proto.ListProposalsRequest request, ServerCallContext context)
    {
        var department = ResourceNames.Department("parent", request.Parent).OrThrow();
        GovernanceRoles.RequireMember(context.Caller, department).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        Lookup.Department(state, department).OrThrow();
        var resource = request.Resource.Length is 0 ? "" : ResourceNames.Resource("resource", request.Resource).OrThrow().Value;
        if (!Enum.IsDefined(request.State))
        {
            throw Refusal.Invalid("state", "UNKNOWN_VALUE", "give a state, or none for all").ToException();
        }

        if (request.DueBefore is not null && Timestamps.Read(request.DueBefore) is null)
        {
            throw Refusal.Invalid("due_before", "OUT_OF_RANGE", "give a time of the years 1 to 9999, or none for all").ToException();
        }

        var (size, after) = Paging.Read(request.PageSize, request.PageToken).OrThrow();
        var query = new ProposalQuery(department, request.Made, (ProposalState)request.State, resource, Timestamps.Read(request.DueBefore), KeyOf(after).OrThrow());
        var found = await table.ListAsync(query, size + 1, context.CancellationToken);
        return new Proto.ListProposalsResponse
        {
            Proposals = { found.Take(size).Select(row => row.ToProto(state.LastResource(new ResourceId(row.Resource)), context.Caller)) },
            NextPageToken = found.Count > size ? Paging.TokenAfter(KeyOf(found[size - 1])) : "",
        };
    }

    /// <inheritdoc/>
    public override async Task<Proto.Proposal> ReviewProposal(Proto.ReviewProposalRequest request, ServerCallContext context)
    {
        var name = ProposalName.Parse(request.Name).OrThrow();
        var isApproval = ReviewVerdicts.IsApproval(request.Verdict).OrThrow();
        ProposalRules.RequireReason(request.Reason, isApproval ? 0 : 1).OrThrow();
        return await StepAsync(context, name, request.Reason, (row, content) => isApproval
            ? AcceptAsync(row, content, request, context)
            : Task.FromResult(End(row, content, context.Caller, ProposalState.Declined, request.Reason, (proposal, now) => ProposalRules.Decline(proposal, context.Caller, request.Reason, now))));
    }

    /// <inheritdoc/>
    public override Task<Proto.Proposal> WithdrawProposal(Proto.WithdrawProposalRequest request, ServerCallContext context) => StepAsync(
        context,
        ProposalName.Parse(request.Name).OrThrow(),
        "",
        (row, content) => Task.FromResult(End(row, content, context.Caller, ProposalState.Withdrawn, "", (proposal, now) => ProposalRules.Withdraw(proposal, context.Caller, now))));

    private static Refusal? RequireForm(Proto.DisputeValueRequest request)
    {
        List<FieldViolation> violations = [];
        if (request.RequestId.Length is 0 or > LongestRequestId || request.RequestId.AsSpan().ContainsAnyInRange('\0', '\u001f'))
        {
            violations.Add(new("request_id", "FORMAT", $"give the dispute an id of 1 to {LongestRequestId} characters without control characters"));
        }

        if (request.Field.Length is 0)
        {
            violations.Add(new("field", "REQUIRED", "name the field"));
        }

        if (request.ReadVersion < 1)
        {
            violations.Add(new("read_version", "OUT_OF_RANGE", "must be the `version` that the record had when its value was read"));
        }

        return violations.Count > 0 ? Refusal.Invalid(violations) : null;
    }

    private async Task<Result<ProposalName>> DisputeAsync(RecordRead read, ReadAuditScope scope, Proto.DisputeValueRequest request, CancellationToken cancellationToken)
    {
        var now = await RecordStream.ReadAsync(log, read.Name, read.View.Needs, cancellationToken).FoldAsync(read.View.Resource);
        var sight = new RecordSight(read.View.Plan, now);
        var index = read.View.Resource.IndexOf(request.Field);
        if (!sight.Look(now) || !sight.Allows(index))
        {
            return read.NotFound();
        }

        var partition = log.Partitions.ForRecord(read.Name.Record.Value);
        (scope.Rows, scope.Positions) = (1, new Dictionary<int, long> { [partition] = now.Position });
        var value = request.Value ?? new Proto.Value();
        var hasValue = value.KindCase is not Proto.Value.KindOneofCase.None || value.SourceCode.Length > 0;
        var bytes = new Proto.DisputeValueRequest(request) { RequestId = "" }.ToByteArray();
        var written = await writer.WriteAsync(
            read.Caller, read.Name, [(request.Field, value)], (int)request.Purpose, new ProposalStep.Dispute(index, request.ReadVersion, request.Reason, hasValue),
            new IdempotencyKey(read.Caller.Client.Value, $"dispute/{request.RequestId}", SHA256.HashData(bytes)), cancellationToken);
        return written.IsRefused ? written.Refusal : new ProposalName(read.Name, written.Value);
    }

    // Without values: to look at those is a read. The reasons are what the caller just said.
    private async Task<Proto.Proposal> DoneAsync(Caller caller, ProposalName name, (string Reason, string Decision) said, CancellationToken cancellationToken)
    {
        var row = (await FindAsync(caller, name, cancellationToken)).OrThrow();
        var content = await ProposalContent.ReadAsync(log, row, cancellationToken);
        var proposal = row.ToProto(store.Current.LastResource(name.Record.Resource), content, caller, new HashSet<int>());
        (proposal.Reason, proposal.DecisionReason) = said;
        return proposal;
    }

    private async Task<Result<ProposalRow>> FindAsync(Caller caller, ProposalName name, CancellationToken cancellationToken) =>
        await table.FindAsync(log.Partitions.ForRecord(name.Record.Record.Value), name, cancellationToken) is { } row && ProposalRules.MaySee(row.Proposal, caller)
            ? row
            : ProposalRules.NotFound(name.ToString());

    // A record may move on while its values are looked at: then they are looked at again.
    private async Task<Proto.Proposal> StepAsync(
        ServerCallContext context, ProposalName name, string reason, Func<ProposalRow, ProposalContent, Task<Result<PreparedStep>>> prepare)
    {
        for (var attempt = 1; ; attempt++)
        {
            var row = (await FindAsync(context.Caller, name, context.CancellationToken)).OrThrow();
            var step = (await prepare(row, await ProposalContent.ReadAsync(log, row, context.CancellationToken))).OrThrow();
            if (!step.IsDone)
            {
                var written = await writer.WriteAsync(
                    context.Caller, name.Record, step.Values, 0, step.Decision!, ProposalWriter.NewKey(context.Caller), context.CancellationToken);
                if (written.Refusal is { } refusal && refusal.Reason == ProposalSteps.Moved.Reason && attempt < MostAttempts)
                {
                    continue;
                }

                written.OrThrow();
            }

            return await DoneAsync(context.Caller, name, ("", reason), context.CancellationToken);
        }
    }

    private async Task<Result<PreparedStep>> AcceptAsync(ProposalRow row, ProposalContent content, Proto.ReviewProposalRequest request, ServerCallContext context)
    {
        var resource = store.Current.LastResource(new ResourceId(row.Resource));
        var names = row.Proposal.Fields.Select(number => ProposalMap.NameOf(resource, number)).ToList();
        if (request.Fields.Except(names).Any())
        {
            return Refusal.Invalid("fields", "UNKNOWN_FIELD", "name fields of the proposal, or none to accept all");
        }

        ImmutableArray<int> accepted = [.. row.Proposal.Fields.Where((_, index) => request.Fields.Count is 0 || request.Fields.Contains(names[index]))];
        var values = row.Proposal.Fields.Select((number, index) => (Name: names[index], Value: accepted.Contains(number) ? request.Value ?? content.Values.GetValueOrDefault(number) : new Proto.Value())).ToList();
        if (row.Proposal.State is ProposalState.Accepted && row.Proposal.Owner == context.Caller.Department && content.Accepted.ToHashSet().SetEquals(accepted)
            && content.DecisionReason == request.Reason && await HasWrittenAsync(row, resource, values, context))
        {
            return PreparedStep.Done;
        }

        if (ProposalRules.Accept(row.Proposal, context.Caller, accepted, content.Changed, request.RecordVersion, content.RecordVersion, DateTimeOffset.MinValue) is { } refusal)
        {
            return refusal;
        }

        if (request.Value is not null && accepted.Length > 1)
        {
            return Refusal.Invalid("value", "NOT_APPLICABLE", "give it with one field: name that in `fields`");
        }

        if (values.Exists(value => value.Value is null))
        {
            return Refusal.Invalid("value", "REQUIRED", "nobody said what it should be: give the value to write, or decline");
        }

        return new PreparedStep([.. values.Select(value => (value.Name, value.Value!))], new ProposalStep.Decision(
            row.Proposal.Version, ProposalState.Accepted, accepted, request.Reason, content.RecordVersion,
            (proposal, now) => ProposalRules.Accept(proposal, context.Caller, accepted, content.Changed, request.RecordVersion, content.RecordVersion, now)));
    }

    // True when the record had these values once this was accepted; without a kind for fields that were not.
    private async Task<bool> HasWrittenAsync(ProposalRow row, ResourceDefinition? resource, List<(string Name, Proto.Value? Value)> values, ServerCallContext context)
    {
        if (resource is null)
        {
            return false;
        }

        var then = await RecordStream.ReadAsync(log, row.Name.Record, row.Proposal.Fields.Contains, context.CancellationToken)
            .TakeWhile(recordEvent => recordEvent.Stored.Version <= row.DecidedVersion)
            .FoldAsync(resource);
        return values.TrueForAll(value => value.Value is { } sent && (ValueMap.ToPushed(sent) is var pushed && (pushed.IsNotSent || IsThere(value.Name, pushed))));

        bool IsThere(string name, in PushedValue pushed) =>
            PushColumns.ResolveStep(store.Current, context.Caller, resource.Id, [name], time.GetUtcNow()).TryGetValue(out var columns, out _)
            && RecordRules.Suggest(columns, pushed).TryGetValue(out var value, out _) && value.Equals(then.Values[resource.IndexOf(name)]);
    }

    private Result<PreparedStep> End(
        ProposalRow row, ProposalContent content, Caller caller, ProposalState state, string reason, Func<Proposal, DateTimeOffset, Refusal?> check)
    {
        var resource = store.Current.LastResource(new ResourceId(row.Resource));
        var isMine = state is ProposalState.Withdrawn ? row.Proposal.Proposer == caller.Department : row.Proposal.Owner == caller.Department;
        return row.Proposal.State == state && isMine && content.DecisionReason == reason && ProposalRules.IsSide(row.Proposal, caller)
            ? PreparedStep.Done
            : check(row.Proposal, DateTimeOffset.MinValue) is { } refusal
                ? refusal
                : new PreparedStep(
                    [.. row.Proposal.Fields.Select(number => (ProposalMap.NameOf(resource, number), new Proto.Value()))],
                    new ProposalStep.Decision(row.Proposal.Version, state, [], reason, 0, check));
    }

    private static string KeyOf(ProposalRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"{row.Proposal.DueTime.UtcTicks}/{row.RecordId}/{row.Proposal.Version}");

    private static Result<(DateTimeOffset Due, Guid RecordId, long Version)> KeyOf(string? token) => token?.Split('/') switch
    {
        null => (DateTimeOffset.MinValue, Guid.Empty, 0L),
        [var ticks, var id, var version] when long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var due) && due <= DateTimeOffset.MaxValue.Ticks
            && Guid.TryParseExact(id, "D", out var record) && long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) =>
            (new DateTimeOffset(due, TimeSpan.Zero), record, number),
        _ => Paging.ForeignToken,
    };

    private sealed record PreparedStep(IReadOnlyList<(string Field, Proto.Value Value)> Values, ProposalStep.Decision? Decision)
    {
        public static PreparedStep Done { get; } = new([], null);

        public bool IsDone => Decision is null;
    }
}
