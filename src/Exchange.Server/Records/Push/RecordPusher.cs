using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.EventStore.Appending;
using Exchange.Server.Records.Deciding;
using Exchange.Server.Records.Events;
using Google.Protobuf;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Push;

/// <summary>Stores pushed batches: reads each once, sends its parts to their partitions, and puts the receipt together.</summary>
internal sealed class RecordPusher(EventLog log, CurrentGovernance governance, RecordAppendHandler handler)
{
    private const int MostAttempts = 5;

    /// <summary>Resolves a push's header as things stand now; refused when the caller may not push with it.</summary>
    public async Task<Result<PushPlan>> PlanAsync(Caller caller, PushHeaderForm form, CancellationToken cancellationToken)
    {
        var state = await governance(cancellationToken);
        return state.IsRefused ? state.Refusal : form.Resolve(state.Value, caller);
    }

    /// <summary>
    /// Stores a batch and answers once it is durable. What comes before the first await reads the batch and queues it: batches of one push that are
    /// begun in order are decided in order.
    /// </summary>
    public async Task<Result<Proto.PushReceipt>> PushAsync(
        Caller caller, PushHeaderForm form, PushPlan plan, Proto.PushedBatch batch, CancellationToken cancellationToken)
    {
        if (PushedBatchForm.Check(batch) is { } refusal)
        {
            return refusal;
        }

        var key = new IdempotencyKey(
            caller.Client.Value, string.Create(CultureInfo.InvariantCulture, $"{form.Header.PushId}/{batch.Sequence}"), Fingerprint(form.Header, batch));
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SubmitAsync(caller, plan, batch, key, cancellationToken);
            }
            catch (ResourceMovedException) when (attempt < MostAttempts)
            {
                // Another push of the same transaction knew a newer revision: this node has it by now.
            }

            var newer = await PlanAsync(caller, form, cancellationToken);
            if (newer.IsRefused)
            {
                return newer.Refusal;
            }

            plan = newer.Value;
        }
    }

    private async Task<Result<Proto.PushReceipt>> SubmitAsync(
        Caller caller, PushPlan plan, Proto.PushedBatch batch, IdempotencyKey key, CancellationToken cancellationToken)
    {
        var prepared = new PreparedBatch(plan, batch);
        var units = Split(caller, plan, prepared);
        var appended = await log.AppendAsync(new AppendSubmission { Units = units, Key = key }, cancellationToken);
        prepared.Release();
        return appended.Refusal is { } refusal ? PushReasons.Of(refusal, batch.Sequence) : Receipt(batch.Sequence, prepared, units, appended.Units);
    }

    private List<RecordUnit> Split(Caller caller, PushPlan plan, PreparedBatch batch)
    {
        var records = new SortedDictionary<int, List<int>>();
        for (var index = 0; index < batch.Count; index++)
        {
            if (batch.ReferenceErrorOf(index) is null)
            {
                var partition = log.Partitions.ForRecord(batch.IdOf(index));
                if (!records.TryGetValue(partition, out var list))
                {
                    records.Add(partition, list = []);
                }

                list.Add(index);
            }
        }

        if (records.Count is 0)
        {
            // Nothing to decide, but the key is used all the same.
            records.Add(log.Partitions.Records[0], []);
        }

        return [.. records.Select(item => Unit(caller, plan, batch, item.Key, item.Value))];
    }

    private RecordUnit Unit(Caller caller, PushPlan plan, PreparedBatch batch, int partition, List<int> records) =>
        new(partition, handler, plan, batch, records)
        {
            Caller = caller.Department.Value,
            Client = caller.Client.Value,
            GovernancePosition = plan.Columns.GovernancePosition,
        };

    private static Proto.PushReceipt Receipt(long sequence, PreparedBatch batch, List<RecordUnit> units, IReadOnlyList<UnitResult> outcomes)
    {
        var results = new Proto.RecordResult[batch.Count];
        for (var part = 0; part < units.Count; part++)
        {
            var read = UnitOutcome.Read(outcomes[part].Outcome);
            for (var place = 0; place < read.Count; place++)
            {
                var index = units[part].Records[place];
                results[index] = read[place];
                results[index].RecordId = batch.IdOf(index).ToString("D");
            }
        }

        for (var index = 0; index < results.Length; index++)
        {
            if (batch.ReferenceErrorOf(index) is { } error)
            {
                results[index] = new Proto.RecordResult
                {
                    Outcome = Proto.RecordOutcome.Rejected,
                    Errors = { new Proto.FieldError { Field = error.Field, Reason = error.Reason, Message = error.Message } },
                };
            }
        }

        return new Proto.PushReceipt { Sequence = sequence, Results = { results } };
    }

    // Of the content, not of the bytes on the wire: another encoder of the same content gives the same.
    private static byte[] Fingerprint(Proto.PushHeader header, Proto.PushedBatch batch)
    {
        var headerBytes = header.CalculateSize();
        var size = headerBytes + batch.CalculateSize();
        var bytes = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            header.WriteTo(bytes.AsSpan(0, headerBytes));
            batch.WriteTo(bytes.AsSpan(headerBytes, size - headerBytes));
            return SHA256.HashData(bytes.AsSpan(0, size));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        }
    }
}
