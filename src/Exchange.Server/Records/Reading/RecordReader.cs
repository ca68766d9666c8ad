using System.Security.Cryptography;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.EventStore;
using Exchange.Server.Access;
using Exchange.Server.Audit;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Exchange.Server.Records.Events;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Reading;

/// <summary>Reads single records: as they are, as they were, and who wrote what in them. Every read is decided by the plan of now and audited.</summary>
internal sealed class RecordReader(EventLog log, ReadPlans plans, IReadAudit audit, RefusedReads refused, TimeProvider time)
{
    /// <summary>One record now or as of a moment.</summary>
    public async Task<Proto.Record> GetAsync(Proto.GetRecordRequest request, ServerCallContext context)
    {
        var moment = RecordMoment.Parse(request);
        var opened = moment.IsRefused
            ? moment.Refusal
            : await OpenAsync(request.Name, request.Fields, (Purpose)request.Purpose, PlanAction.Get, context);
        var read = await OrRefuseAsync(opened, ReadActions.Get, request.Name, (Purpose)request.Purpose, request.Fields, context);
        return await AuditedAsync(read, ReadActions.Get, moment.Value, context, async scope =>
        {
            var record = (await GetAsync(read, moment.Value, scope, context.CancellationToken)).OrThrow();
            scope.Rows = 1;
            return record;
        });
    }

    /// <summary>The wanted record with what came before it; for the history.</summary>
    public async Task<T> ReadAsync<T>(
        string name, Purpose purpose, ServerCallContext context, Func<RecordRead, ReadAuditScope, IReadOnlyList<RecordEvent>, Result<T>> show)
        where T : notnull
    {
        var opened = await OpenAsync(name, [], purpose, PlanAction.History, context);
        var read = await OrRefuseAsync(opened, ReadActions.History, name, purpose, [], context);
        return await AuditedAsync(read, ReadActions.History, default, context, async scope =>
            show(read, scope, await RecordStream.ReadAsync(log, read.Name, read.Wants, context.CancellationToken)).OrThrow());
    }

    private async Task<Result<Proto.Record>> GetAsync(RecordRead read, RecordMoment moment, ReadAuditScope scope, CancellationToken cancellationToken)
    {
        if (!moment.IsNow)
        {
            var partition = log.Partitions.ForRecord(read.Name.Record.Value);
            var heads = await log.Reader.ReadHeadsAsync([partition], cancellationToken);
            if (moment.CheckCome(heads[partition], time.GetUtcNow()) is { } notYet)
            {
                return notYet;
            }
        }

        var events = await RecordStream.ReadAsync(log, read.Name, read.Wants, cancellationToken);
        var sight = new RecordSight(read.Plan, events.Fold(read.Resource));
        var then = events.TakeWhile(e => moment.Includes(e.Stored.Position, e.Stored.RecordedAt)).Fold(read.Resource);
        if (!sight.Look(then))
        {
            return read.NotFound();
        }

        scope.Positions = new Dictionary<int, long> { [log.Partitions.ForRecord(read.Name.Record.Value)] = then.Position };
        return ToProto(read, sight, then);
    }

    private static Proto.Record ToProto(RecordRead read, RecordSight sight, RecordFold fold)
    {
        var record = new Proto.Record
        {
            Name = read.Name.ToString(),
            Version = fold.Version,
            CreateTime = Timestamp.FromDateTimeOffset(fold.CreateTime),
            UpdateTime = Timestamp.FromDateTimeOffset(fold.UpdateTime),
        };
        foreach (var index in read.Fields)
        {
            if (sight.Show(index, fold.Values[index]) is { IsMissing: false } shown)
            {
                record.Values.Add(new Proto.NamedValue { Field = read.Resource.Fields[index].Name, Value = ValueMap.ToProto(shown), Masked = sight.IsMasked(index) });
            }
        }

        // Of the whole message: it changes with anything the caller sees and with nothing else.
        record.Etag = Convert.ToHexStringLower(SHA256.HashData(record.ToByteArray())[..16]);
        return record;
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

        var selected = ReadSelection.Fields(plan.Value.Plan, fields);
        return selected.IsRefused ? selected.Refusal : new RecordRead(caller, record, purpose, plan.Value, selected.Value.Sort());
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

    private async Task<T> AuditedAsync<T>(RecordRead read, string action, RecordMoment moment, ServerCallContext context, Func<ReadAuditScope, Task<T>> run)
    {
        await using var scope = (await audit.BeginAsync(read.ToIntent(action, moment), context.CancellationToken)).OrThrow();
        try
        {
            var result = await run(scope);
            await scope.CompleteAsync(StatusCode.OK);
            return result;
        }
        catch (Exception e)
        {
            await scope.FailAsync(e, context);
            throw;
        }
    }
}
