using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.EventStore.Appending;
using Exchange.Server.Grpc;
using Exchange.Server.Records.Deciding;
using Exchange.Server.Records.Push;
using Exchange.Server.Records.Reading;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Proposals;

/// <summary>Stores steps of proposals, decided where pushes are: in the partitions of their records.</summary>
internal sealed class ProposalWriter(EventLog log, CurrentGovernance governance, RecordAppendHandler handler, TimeProvider time)
{
    private const int MostAttempts = 5;

    /// <summary>Takes one step; the record's version afterwards.</summary>
    /// <param name="caller">Who takes it.</param>
    /// <param name="record">Whose it is.</param>
    /// <param name="values">The proposal's fields, each with the value that the step is about; one without a kind where it is about none.</param>
    /// <param name="purpose">Purpose code; 0 for none.</param>
    /// <param name="step">The step.</param>
    /// <param name="key">Names it among its client's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Result<long>> WriteAsync(
        Caller caller, RecordName record, IReadOnlyList<(string Field, Proto.Value Value)> values, int purpose, ProposalStep step, IdempotencyKey key,
        CancellationToken cancellationToken)
    {
        var pushed = new Proto.PushedRecord { RecordId = record.Record.ToString(), Values = { values.Select(one => one.Value) } };
        var partition = log.Partitions.ForRecord(record.Record.Value);
        return await WriteAsync(caller, record.Resource, partition, [.. values.Select(one => one.Field)], [pushed], purpose, [step], key, cancellationToken);
    }

    /// <summary>The same step for proposals of one resource in one partition that are about no values; those it may not be taken for are left out.</summary>
    public Task<Result<long>> WriteAsync(
        Caller caller, ResourceId resource, int partition, IReadOnlyList<string> fields, IReadOnlyList<(Guid RecordId, ProposalStep Step)> steps, CancellationToken cancellationToken) =>
        WriteAsync(
            caller,
            resource,
            partition,
            fields,
            [.. steps.Select(step => new Proto.PushedRecord { RecordId = step.RecordId.ToString(), Values = { fields.Select(_ => new Proto.Value()) } })],
            0,
            [.. steps.Select(step => step.Step)],
            NewKey(caller),
            cancellationToken);

    /// <summary>A key of one call's own: with it the log finds out what became of a commit in doubt.</summary>
    public static IdempotencyKey NewKey(Caller caller) => new(caller.Client.Value, Guid.NewGuid().ToString(), new byte[1]);

    private async Task<Result<long>> WriteAsync(
        Caller caller, ResourceId resource, int partition, IReadOnlyList<string> fields, Proto.PushedRecord[] records, int purpose, ProposalStep[] steps, IdempotencyKey key,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var state = await governance(cancellationToken);
            if (state.IsRefused)
            {
                return state.Refusal;
            }

            var plan = PushPlan.ResolveStep(state.Value, caller, resource, fields, time.GetUtcNow());
            if (plan.IsRefused)
            {
                return plan.Refusal;
            }

            var batch = new PreparedBatch(plan.Value, BatchContent.Of(new Proto.PushedBatch { Sequence = 1, Records = { records } }));
            var unit = new RecordUnit(partition, handler, batch, [.. Enumerable.Range(0, records.Length)])
            {
                Caller = caller.Department.Value,
                Client = caller.Client.Value,
                Purpose = purpose,
                GovernancePosition = plan.Value.Columns.GovernancePosition,
                Steps = steps,
            };
            try
            {
                var appended = await log.AppendAsync(new AppendSubmission { Units = [unit], Key = key, KeyPartition = partition }, cancellationToken);
                batch.Release();
                if (appended.Refusal is { } refusal)
                {
                    return refusal.ToRefusal();
                }

                var answers = new RecordAnswer[records.Length];
                UnitOutcome.Read(appended.Units[0].Outcome.Span, unit.Records, answers);
                return answers[^1].Version;
            }
            catch (GovernanceMovedException)
            {
                if (attempt is MostAttempts)
                {
                    return ProposalSteps.GovernanceMoves;
                }
            }
        }
    }
}
