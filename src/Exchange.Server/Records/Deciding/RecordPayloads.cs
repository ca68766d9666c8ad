using Exchange.Catalog;
using Exchange.Catalog.Records;
using Exchange.EventStore.Appending;
using Exchange.Policy.Conditions;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Records.Proposals;
using Exchange.Server.Records.Push;
using Exchange.Server.Records.Events;

namespace Exchange.Server.Records.Deciding;

/// <summary>
/// Makes the payloads of one transaction's record events; values of levels 3 and 4 go into the sealed part. A payload is valid until the next of its kind.
/// </summary>
internal sealed class RecordPayloads
{
    private readonly WireBuffer pushed = new();
    private readonly WireBuffer proposed = new();
    private readonly WireBuffer secret = new();
    private readonly List<int> sealedNumbers = [];
    private WireBuffer plain;

    /// <summary>None yet.</summary>
    public RecordPayloads()
    {
        plain = pushed;
    }

    /// <summary>Payload of `fields-pushed`.</summary>
    public ReadOnlySpan<byte> Pushed(
        RecordUnit unit, int index, RecordState? before, RecordState after, ReadOnlySpan<int> changed, AppendContext context)
    {
        var columns = unit.Plan.Columns;
        Begin(pushed);
        RecordEventWriter.WritePushed(
            plain,
            columns.Resource.Id.Value,
            after.Opener.Value,
            before is null ? after.SourceSystem : "",
            before is null ? after.SourceId : "",
            columns.SourceSystem,
            unit.Batch.SourceVersionOf(index));

        // Whoever owned a field when it was written sets its level.
        var ruling = before ?? after;
        foreach (var field in changed)
        {
            WriteChange(unit.Plan, ruling, FieldsPushed.ChangesFieldNumber, field, after.Values[field]);
        }

        if (before is not null)
        {
            WriteSealedConditions(unit.Plan, before, SealedChanges.BeforeFieldNumber);
        }

        WriteSealedConditions(unit.Plan, after, SealedChanges.AfterFieldNumber);
        Seal(unit.Batch.IdOf(index), FieldsPushed.SealedFieldNumber, FieldsPushed.SealedFieldsFieldNumber, context);
        if (before is not null)
        {
            WriteConditions(unit.Plan, before, FieldsPushed.BeforeFieldNumber);
        }

        WriteConditions(unit.Plan, after, FieldsPushed.AfterFieldNumber);
        foreach (var warning in unit.Batch.WarningsOf(index))
        {
            plain.TextField(FieldsPushed.WarningsFieldNumber, warning);
        }

        RecordEventWriter.WriteNumber(plain, FieldsPushed.PurposeFieldNumber, unit.Purpose);
        RecordEventWriter.WriteNumber(plain, FieldsPushed.CorrectsFieldNumber, unit.Steps?[index] is ProposalStep.Decision decision ? decision.Version : 0);
        return plain.Written;
    }

    /// <summary>Payload of one `fields-proposed`, after the fields that the same push wrote.</summary>
    public ReadOnlySpan<byte> Proposed(RecordUnit unit, int index, RecordState after, ReadOnlySpan<ProposedValue> proposals, AppendContext context)
    {
        var columns = unit.Plan.Columns;
        Begin(proposed);
        RecordEventWriter.WriteProposed(plain, columns.Resource.Id.Value, after.Opener.Value, columns.SourceSystem);
        foreach (ref readonly var proposal in proposals)
        {
            WriteChange(unit.Plan, after, FieldsProposed.ChangesFieldNumber, proposal.FieldIndex, proposal.Value);
        }

        WriteSealedConditions(unit.Plan, after, SealedChanges.AfterFieldNumber);
        Seal(unit.Batch.IdOf(index), FieldsProposed.SealedFieldNumber, FieldsProposed.SealedFieldsFieldNumber, context);
        WriteConditions(unit.Plan, after, FieldsProposed.AfterFieldNumber);
        RecordEventWriter.WriteNumber(plain, FieldsProposed.PurposeFieldNumber, unit.Purpose);
        return plain.Written;
    }

    /// <summary>Payload of `value-disputed`.</summary>
    public ReadOnlySpan<byte> Disputed(RecordUnit unit, int index, RecordState record, ProposalStep.Dispute dispute, FieldValue value, AppendContext context)
    {
        var isSealed = IsSealed(unit.Plan, record, dispute.FieldIndex);
        Begin(proposed);
        RecordEventWriter.WriteProposed(plain, unit.Plan.Columns.Resource.Id.Value, record.Opener.Value, "");
        if (dispute.HasValue)
        {
            WriteChange(unit.Plan, record, ValueDisputed.ChangesFieldNumber, dispute.FieldIndex, value);
        }

        WriteSealedConditions(unit.Plan, record, SealedChanges.AfterFieldNumber);
        secret.TextField(SealedChanges.ReasonFieldNumber, isSealed ? dispute.Reason : "");
        Seal(unit.Batch.IdOf(index), ValueDisputed.SealedFieldNumber, ValueDisputed.SealedFieldsFieldNumber, context);
        WriteConditions(unit.Plan, record, ValueDisputed.AfterFieldNumber);
        RecordEventWriter.WriteNumber(plain, ValueDisputed.PurposeFieldNumber, unit.Purpose);
        RecordEventWriter.WriteNumber(plain, ValueDisputed.FieldFieldNumber, unit.Plan.Table.Columns[dispute.FieldIndex].Field.Number);
        RecordEventWriter.WriteNumber(plain, ValueDisputed.ReadVersionFieldNumber, dispute.ReadVersion);
        plain.TextField(ValueDisputed.ReasonFieldNumber, isSealed ? "" : dispute.Reason);
        return plain.Written;
    }

    /// <summary>Payload of `proposal-decided`, after the fields that an acceptance wrote; without what is to be sealed once the record was erased.</summary>
    public ReadOnlySpan<byte> Decided(RecordUnit unit, int index, RecordState record, ProposalStep.Decision decision, bool isErased, AppendContext context)
    {
        var isSealed = false;
        foreach (var field in unit.Plan.Written)
        {
            isSealed |= IsSealed(unit.Plan, record, field);
        }

        Begin(proposed);
        RecordEventWriter.WriteProposed(plain, unit.Plan.Columns.Resource.Id.Value, record.Opener.Value, "");
        WriteSealedConditions(unit.Plan, record, SealedChanges.AfterFieldNumber);
        secret.TextField(SealedChanges.ReasonFieldNumber, isSealed ? decision.Reason : "");
        if (isErased)
        {
            secret.Clear();
        }

        Seal(unit.Batch.IdOf(index), ProposalDecided.SealedFieldNumber, 0, context);
        WriteConditions(unit.Plan, record, ProposalDecided.AfterFieldNumber);
        RecordEventWriter.WriteNumber(plain, ProposalDecided.ProposalFieldNumber, decision.Version);
        RecordEventWriter.WriteNumber(plain, ProposalDecided.StateFieldNumber, (int)decision.State);
        plain.TextField(ProposalDecided.ReasonFieldNumber, isSealed ? "" : decision.Reason);
        RecordEventWriter.WriteNumbers(plain, ProposalDecided.AcceptedFieldNumber, decision.Accepted.AsSpan());
        return plain.Written;
    }

    private void Begin(WireBuffer buffer)
    {
        plain = buffer;
        plain.Clear();
        secret.Clear();
        sealedNumbers.Clear();
    }

    private void WriteChange(PushPlan plan, RecordState ruling, int list, int field, in FieldValue value)
    {
        var number = plan.Table.Columns[field].Field.Number;
        if (!IsSealed(plan, ruling, field))
        {
            RecordEventWriter.WriteChange(plain, list, number, value);
            return;
        }

        sealedNumbers.Add(number);
        RecordEventWriter.WriteChange(secret, SealedChanges.ChangesFieldNumber, number, value);
    }

    private void WriteConditions(PushPlan plan, RecordState state, int list)
    {
        foreach (var field in plan.Conditions)
        {
            if (!MayBeSealed(plan, field))
            {
                RecordEventWriter.WriteChange(plain, list, plan.Table.Columns[field].Field.Number, state.Values[field]);
            }
        }
    }

    private void WriteSealedConditions(PushPlan plan, RecordState state, int list)
    {
        foreach (var field in plan.Conditions)
        {
            if (MayBeSealed(plan, field))
            {
                RecordEventWriter.WriteChange(secret, list, plan.Table.Columns[field].Field.Number, state.Values[field]);
            }
        }
    }

    private void Seal(Guid recordId, int bytesField, int numbersField, AppendContext context)
    {
        if (secret.Length > 0)
        {
            RecordEventWriter.WriteSealed(
                plain, bytesField, context.Seal(recordId, secret.Written), numbersField, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(sealedNumbers));
        }
    }

    // A value that one owner's list seals may stay with a record that passes to another owner, and must not stand in the open then.
    private static bool MayBeSealed(PushPlan plan, int field) => plan.MaySeal && plan.Levels.MayBeSealed(field);

    private static bool IsSealed(PushPlan plan, RecordState state, int field) => plan.MaySeal && plan.Levels.IsSealed(field, state.Opener, state.Values);
}
