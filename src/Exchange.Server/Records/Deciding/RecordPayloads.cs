using Exchange.Catalog;
using Exchange.Catalog.Records;
using Exchange.EventStore.Appending;
using Exchange.Policy.Conditions;
using Exchange.Protos.Stored.V1;
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

        RecordEventWriter.WritePurpose(plain, FieldsPushed.PurposeFieldNumber, unit.Purpose);
        return plain.Written;
    }

    /// <summary>Payload of `fields-proposed`, after the fields that the same push wrote.</summary>
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
        RecordEventWriter.WritePurpose(plain, FieldsProposed.PurposeFieldNumber, unit.Purpose);
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
