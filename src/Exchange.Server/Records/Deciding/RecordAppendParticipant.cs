using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Records;
using Exchange.EventStore.Appending;
using Exchange.EventStore.Sealing;
using Exchange.Server.Records.Push;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Subjects;

namespace Exchange.Server.Records.Deciding;

/// <summary>One attempt of one append transaction: all its pushed records.</summary>
internal sealed class RecordAppendParticipant : IAppendParticipant
{
    private readonly Dictionary<ResourceId, SubjectChanges> subjects = [];
    private readonly RecordPayloads payloads = new();
    private readonly Func<Result<GovernanceState>> newest;
    private readonly TimeProvider time;

    /// <summary>Joins the units of the transaction.</summary>
    public RecordAppendParticipant(IReadOnlyList<RecordUnit> units, Func<Result<GovernanceState>> newest, TimeProvider time)
    {
        (this.newest, this.time) = (newest, time);
        var records = units.Sum(unit => unit.Records.Length);
        foreach (var unit in units)
        {
            var table = unit.Plan.Table;
            if (!subjects.TryGetValue(table.Resource.Id, out var known) || Age(known.Table).CompareTo(Age(table)) < 0)
            {
                subjects[table.Resource.Id] = new SubjectChanges(table, records);
            }
        }

        foreach (var unit in units)
        {
            if (IsOfRevision(unit, out var changes))
            {
                changes.Join(unit);
            }
        }
    }

    /// <inheritdoc/>
    public void AddReads(ReadBatch batch)
    {
        foreach (var changes in subjects.Values)
        {
            changes.AddReads(batch);
        }
    }

    /// <inheritdoc/>
    public void Decide(AppendUnit unit, AppendContext context)
    {
        var records = (RecordUnit)unit;
        if (!IsOfRevision(records, out var changes) || !IsDecidedAsThingsStand(records.Plan))
        {
            throw new GovernanceMovedException();
        }

        var outcome = new UnitOutcome();
        foreach (var index in records.Records)
        {
            Decide(records, index, changes, context, outcome);
        }

        context.SetOutcome(outcome.ToBytes());
    }

    /// <inheritdoc/>
    public void AddWrites(WriteBatch batch)
    {
        foreach (var changes in subjects.Values)
        {
            changes.AddWrites(batch);
        }
    }

    private void Decide(RecordUnit unit, int index, SubjectChanges changes, AppendContext context, UnitOutcome outcome)
    {
        var (plan, batch) = (unit.Plan, unit.Batch);
        var entry = changes.Of(batch.IdOf(index));
        var decision = entry.Opening ?? RecordRules.Decide(plan.Columns, entry.Record, batch.OpenAsOf(index), batch.SourceVersionOf(index), batch.ValuesOf(index));
        var errors = decision.Errors;
        if (decision.NewState is { } after)
        {
            if (decision is { WritesFields: false, Proposals.IsEmpty: true })
            {
                entry.Keep(after);
            }
            else
            {
                errors = TryAppend(unit, index, changes, entry, decision, after, context);
            }
        }

        var result = errors.IsEmpty || decision.NewState is null ? decision.Outcome : RecordOutcome.Rejected;
        outcome.Add(result, MaySeeVersion(result, plan, entry.Record, batch.ValuesOf(index)) ? entry.Record!.Version : 0, errors);
    }

    // A record's version tells a caller that may not see it how often it changes.
    private static bool MaySeeVersion(RecordOutcome result, PushPlan plan, RecordState? record, ReadOnlySpan<PushedValue> values) => result switch
    {
        RecordOutcome.Rejected => false,
        RecordOutcome.Accepted => true,
        _ => record is not null && RecordRules.HasPart(plan.Columns, record, values),
    };

    // Appends the decision's events, or tells why they cannot be.
    private ImmutableArray<FieldError> TryAppend(
        RecordUnit unit, int index, SubjectChanges changes, SubjectEntry entry, in RecordDecision decision, RecordState after, AppendContext context)
    {
        var id = unit.Batch.IdOf(index);
        var before = entry.Record;
        var searched = LastSearchable(changes.Table, decision.ChangedFields);
        if (searched is not null && !changes.FitsSearch(after))
        {
            return [new FieldError(searched.Name, FieldError.TooLong, "the record's searchable texts have too many different words to be searched: shorten them")];
        }

        ReadOnlySpan<byte> pushed;
        ReadOnlySpan<byte> proposed;
        try
        {
            pushed = decision.WritesFields ? payloads.Pushed(unit, index, before, after, decision.ChangedFields, context) : default;
            proposed = decision.Proposals.IsEmpty ? default : payloads.Proposed(unit, index, after, decision.Proposals.AsSpan(), context);
        }
        catch (DataKeyDestroyedException)
        {
            return [new FieldError("", FieldError.RecordNotFound, "the record was erased: nothing can be added to it")];
        }

        var version = before?.Version ?? 0;
        var (first, last) = (0L, 0L);
        if (decision.WritesFields)
        {
            first = last = context.Append(id, ++version, RecordEventTypes.FieldsPushed, pushed).Position;
        }

        if (!decision.Proposals.IsEmpty)
        {
            last = context.Append(id, ++version, RecordEventTypes.FieldsProposed, proposed).Position;
            first = first is 0 ? last : first;
        }

        var time = (context.RecordedAt.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        entry.Change(after, first, last, time, searched is not null);
        return [];
    }

    private static FieldDefinition? LastSearchable(SubjectTable table, ReadOnlySpan<int> changed)
    {
        for (var place = changed.Length - 1; place >= 0; place--)
        {
            if (table.Columns[changed[place]].Field is { Searchable: true } field)
            {
                return field;
            }
        }

        return null;
    }

    // Between the plan and the locks may be seconds: what a sharing list has sealed meanwhile must not be written in the open.
    private bool IsDecidedAsThingsStand(PushPlan plan) => newest() is { IsRefused: false } state && plan.HoldsIn(state.Value) && plan.IsCurrent(time.GetUtcNow());

    private bool IsOfRevision(RecordUnit unit, out SubjectChanges changes)
    {
        changes = subjects[unit.Plan.Table.Resource.Id];
        return Age(changes.Table) == Age(unit.Plan.Table);
    }

    // A table's columns become more with its resource's revisions, and with the fields whose values may have their sources' codes beside them.
    private static (int Revision, int Sourced) Age(SubjectTable table) => (table.Resource.Revision, table.Resource.SourcedFields.Count);
}
