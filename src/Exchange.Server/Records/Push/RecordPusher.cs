using System.Globalization;
using System.Runtime.InteropServices;
using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.EventStore.Appending;
using Exchange.Server.Records.Deciding;
using Exchange.Server.Records.Events;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Push;

/// <summary>Stores pushed batches: reads each once, sends its parts to their partitions, and puts the receipt together.</summary>
internal sealed class RecordPusher(EventLog log, CurrentGovernance governance, RecordAppendHandler handler, PushFingerprint fingerprint, TimeProvider time)
{
    private const int MostAttempts = 5;

    private readonly PushPlans plans = new();

    /// <summary>Resolves a push's header as things stand now; refused when the caller may not push with it.</summary>
    public async Task<Result<PushPlan>> PlanAsync(Caller caller, PushHeaderForm form, CancellationToken cancellationToken)
    {
        var state = await governance(cancellationToken);
        return state.IsRefused ? state.Refusal : plans.Find(state.Value, caller, form.Pushed, time.GetUtcNow());
    }

    /// <summary>Reads a batch; refused when it is outside its bounds.</summary>
    public static Result<PreparedBatch> Prepare(PushPlan plan, BatchContent batch) =>
        PushedBatchForm.Check(batch) is { } refusal ? refusal : new PreparedBatch(plan, batch);

    /// <summary>
    /// Stores a batch and answers once it is durable. One that did not get through may be tried again: two that touch one record keep their order only
    /// when the later is begun after the earlier was stored.
    /// </summary>
    public async Task<Result<PushAnswer>> PushAsync(Caller caller, PushHeaderForm form, PreparedBatch batch, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{form.Header.PushId}/{batch.Content.Sequence}");
        var key = new IdempotencyKey(caller.Client.Value, name, fingerprint.Of(form.Header, batch.Content));
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SubmitAsync(caller, form, batch, key, cancellationToken);
            }
            catch (GovernanceMovedException) when (attempt < MostAttempts)
            {
                // While the batch waited for its locks; or another push of the same transaction knew a newer revision: this node has it by now.
            }
            catch (GovernanceMovedException)
            {
                return PushReasons.GovernanceMoves;
            }

            var newer = await PlanAsync(caller, form, cancellationToken);
            if (newer.IsRefused)
            {
                return newer.Refusal;
            }

            batch = new PreparedBatch(newer.Value, batch.Content);
        }
    }

    private async Task<Result<PushAnswer>> SubmitAsync(
        Caller caller, PushHeaderForm form, PreparedBatch batch, IdempotencyKey key, CancellationToken cancellationToken)
    {
        var units = Split(caller, form, batch);
        var appended = await log.AppendAsync(new AppendSubmission { Units = units, Key = key }, cancellationToken);
        batch.Release();
        return appended.Refusal is { } refusal ? PushReasons.Of(refusal, batch.Content.Sequence) : new PushAnswer(Receipt(batch, units, appended.Units), appended.IsReplay);
    }

    private List<RecordUnit> Split(Caller caller, PushHeaderForm form, PreparedBatch batch)
    {
        var records = new Dictionary<int, List<int>>();
        for (var index = 0; index < batch.Count; index++)
        {
            if (batch.ReferenceErrorOf(index) is null)
            {
                var partition = log.Partitions.ForRecord(batch.IdOf(index));
                ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(records, partition, out _);
                (list ??= []).Add(index);
            }
        }

        if (records.Count is 0)
        {
            // Nothing to decide, but the key is used all the same.
            records.Add(log.Partitions.Records[0], []);
        }

        return [.. records.OrderBy(item => item.Key).Select(item => Unit(caller, form, batch, item.Key, item.Value))];
    }

    private RecordUnit Unit(Caller caller, PushHeaderForm form, PreparedBatch batch, int partition, List<int> records) =>
        new(partition, handler, batch, records)
        {
            Caller = caller.Department.Value,
            Client = caller.Client.Value,
            Purpose = (int)form.Header.Purpose,
            GovernancePosition = batch.Plan.Columns.GovernancePosition,
        };

    private static Proto.PushReceipt Receipt(PreparedBatch batch, List<RecordUnit> units, IReadOnlyList<UnitResult> outcomes)
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

        return new Proto.PushReceipt { Sequence = batch.Content.Sequence, Results = { results } };
    }
}

/// <summary>What became of a batch.</summary>
/// <param name="Receipt">For its client.</param>
/// <param name="IsReplay">True when it had been stored before, and nothing was done now.</param>
internal readonly record struct PushAnswer(Proto.PushReceipt Receipt, bool IsReplay);
