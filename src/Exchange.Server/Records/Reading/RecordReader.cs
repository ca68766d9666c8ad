using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.EventStore;
using Exchange.Server.Access;
using Exchange.Server.Access.Quotas;
using Exchange.Server.Audit;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Reading;

/// <summary>
/// Reads single records: as they are, as they were, and who wrote what in them. Every read is audited, and decided by the plan of now: also of the now
/// at its end, because to write the trail may take seconds.
/// </summary>
internal sealed class RecordReader(
    EventLog log, CurrentRecords records, ReadPlans plans, IReadAudit audit, RefusedReads refused, OwnerNumbers owners, ReadQuotas quotas, TimeProvider time)
{
    private static readonly Refusal PlanMoves = new(
        new("PLAN_CHANGED", RefusalKind.Unavailable), "what you may read changed again and again while it was read: try again");

    /// <summary>One record now or as of a moment.</summary>
    public async Task<RecordFrame> GetAsync(Proto.GetRecordRequest request, ServerCallContext context)
    {
        var (purpose, cancellationToken) = ((Purpose)request.Purpose, context.CancellationToken);
        var moment = RecordMoment.Parse(request);
        var opened = moment.IsRefused ? moment.Refusal : await BeginAsync(request.Name, request.Fields, purpose, PlanAction.Get, context);
        var read = await OrRefuseAsync(opened, ReadActions.Get, request.Name, purpose, request.Fields, context);
        return await AuditedAsync(
            read,
            ReadActions.Get,
            moment.Value,
            context,
            () => OpenAsync(request.Name, request.Fields, purpose, PlanAction.Get, context),
            (current, scope) => GetAsync(current, moment.Value, scope, cancellationToken));
    }

    /// <summary>What the function makes of an allowed read of a record by its name: a page of its history, say.</summary>
    public async Task<T> ReadAsync<T>(
        string name, IReadOnlyList<string> fields, Purpose purpose, PlanAction action, string auditAction, ServerCallContext context,
        Func<RecordRead, ReadAuditScope, Task<Result<T>>> run)
        where T : notnull
    {
        var opened = await BeginAsync(name, fields, purpose, action, context);
        var read = await OrRefuseAsync(opened, auditAction, name, purpose, fields, context);
        return await AuditedAsync(read, auditAction, default, context, () => OpenAsync(name, fields, purpose, action, context), run);
    }

    private async Task<Result<RecordFrame>> GetAsync(RecordRead read, RecordMoment moment, ReadAuditScope scope, CancellationToken cancellationToken)
    {
        var partition = log.Partitions.ForRecord(read.Name.Record.Value);
        var through = await moment.ResolveAsync(log.Reader, partition, time.GetUtcNow(), cancellationToken);
        if (through.IsRefused)
        {
            return through.Refusal;
        }

        var row = moment.IsNow ? await records.FindAsync(read, cancellationToken) : null;
        var (now, then) = row is not null ? (row, row) : await FoldAsync(read, through.Value, cancellationToken);
        var sight = new RecordSight(read.View.Plan, now);
        if (!sight.Look(then))
        {
            return read.NotFound();
        }

        if (await quotas.TakeAsync(read.View, [now, then], cancellationToken) is { } exhausted)
        {
            return exhausted;
        }

        (scope.Rows, scope.Positions) = (1, new Dictionary<int, long> { [partition] = then.Position });
        scope.Owners = Owners(read, sight, now, then);
        return ToFrame(read, sight, then);
    }

    // A look back shows what was somebody's then and may be another's now.
    private OwnerTally? Owners(RecordRead read, RecordSight sight, RecordFold now, RecordFold then)
    {
        var tally = read.View.Owners.ToTally(owners);
        tally?.Add(SetOf(now), SetOf(then));
        return tally;

        OwnerSet SetOf(RecordFold fold) => read.View.Owners.SetOf(fold, index => !sight.Show(index, then.Values[index]).IsMissing, owners);
    }

    // The record as it is and as it was at a position.
    private async Task<(RecordFold Now, RecordFold Then)> FoldAsync(RecordRead read, long through, CancellationToken cancellationToken)
    {
        var (now, then) = (new RecordFold(read.View.Resource), new RecordFold(read.View.Resource));
        await foreach (var recordEvent in RecordStream.ReadAsync(log, read.Name, read.View.Needs, cancellationToken))
        {
            now.Apply(recordEvent);
            if (recordEvent.Stored.Position <= through)
            {
                then.Apply(recordEvent);
            }
        }

        return (now, then);
    }

    private static Result<RecordFrame> ToFrame(RecordRead read, RecordSight sight, RecordFold fold)
    {
        var frame = new RecordFrame(read.Name.ToString(), fold.Version);
        foreach (var index in read.View.Fields)
        {
            if (sight.Show(index, fold.Values[index]) is { IsMissing: false } shown)
            {
                frame.Add(read.View.Resource.Fields[index].Name, shown, sight.IsMasked(index));
            }
        }

        frame.End(RecordFold.Time(fold.CreateTime).AsTimestamp, RecordFold.Time(fold.UpdateTime).AsTimestamp);
        return frame.SizeBytes > RowLimit.LargestBytes ? RowLimit.TooLarge("the record", "ask for fewer fields") : frame;
    }

    private async Task<Result<RecordRead>> BeginAsync(string name, IReadOnlyList<string> fields, Purpose purpose, PlanAction action, ServerCallContext context)
    {
        var opened = await OpenAsync(name, fields, purpose, action, context);
        return !opened.IsRefused && await quotas.Of(opened.Value.View).BeginAsync(context.CancellationToken) is { } exhausted ? exhausted : opened;
    }

    private async Task<Result<RecordRead>> OpenAsync(string name, IReadOnlyList<string> fields, Purpose purpose, PlanAction action, ServerCallContext context)
    {
        if (!context.CallerIn(Role.DepartmentSystem).TryGetValue(out var caller, out var refusal) || !RecordName.Parse(name).TryGetValue(out var record, out refusal))
        {
            return refusal;
        }

        var plan = await plans.FindAsync(caller, record.Resource, action, purpose, context.CancellationToken);
        if (plan.IsRefused)
        {
            return plan.Refusal;
        }

        var view = RecordView.Of(plan.Value, fields);
        return view.IsRefused ? view.Refusal : new RecordRead(caller, record, purpose, view.Value);
    }

    private async Task<RecordRead> OrRefuseAsync(
        Result<RecordRead> opened, string action, string name, Purpose purpose, IEnumerable<string> fields, ServerCallContext context)
    {
        if (opened.IsRefused)
        {
            await refused.WriteAsync(context.Caller, action, name, purpose, fields, opened.Refusal, context.CancellationToken);
        }

        return opened.OrThrow();
    }

    private Task<T> AuditedAsync<T>(
        RecordRead read, string action, RecordMoment moment, ServerCallContext context, Func<Task<Result<RecordRead>>> openAgain, Func<RecordRead, ReadAuditScope, Task<Result<T>>> run)
        where T : notnull =>
        audit.RunAsync(
            read,
            current => current.ToIntent(action, moment),
            run,
            async _ => (await openAgain()).OrThrow(),
            (current, newest) => newest.View.ShowsAs(current.View),
            PlanMoves,
            context);
}
