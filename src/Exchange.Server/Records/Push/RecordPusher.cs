using System.Globalization;
using System.Runtime.InteropServices;
using Exchange.Catalog;
using Exchange.Catalog.Records;
using Exchange.EventStore;
using Exchange.EventStore.Appending;
using Exchange.Server.Records.Deciding;

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
    public async Task<Result<PushedReceipt>> PushAsync(Caller caller, PushHeaderForm form, PreparedBatch batch, CancellationToken cancellationToken)
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

            batch = new PreparedBatch(newer.Value, batch.Content) { PresumesNew = batch.PresumesNew };
        }
    }

    private async Task<Result<PushedReceipt>> SubmitAsync(
        Caller caller, PushHeaderForm form, PreparedBatch batch, IdempotencyKey key, CancellationToken cancellationToken)
    {
        var units = Split(caller, form, batch);
        var appended = await log.AppendAsync(new AppendSubmission { Units = units, Key = key }, cancellationToken);
        batch.Release();
        return appended.Refusal is { } refusal ? PushReasons.Of(refusal, batch.Content.Sequence) : Receipt(batch, units, appended);
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

    private static PushedReceipt Receipt(PreparedBatch batch, List<RecordUnit> units, AppendResult appended)
    {
        var answers = new RecordAnswer[batch.Count];
        for (var part = 0; part < units.Count; part++)
        {
            UnitOutcome.Read(appended.Units[part].Outcome.Span, units[part].Records, answers);
        }

        for (var index = 0; index < answers.Length; index++)
        {
            if (batch.ReferenceErrorOf(index) is { } error)
            {
                answers[index] = new RecordAnswer(RecordOutcome.Rejected, 0, [error]);
            }
        }

        return new PushedReceipt(batch.Content.Sequence, batch.RecordIds, answers) { IsReplay = appended.IsReplay };
    }
}
