using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Records;
using Exchange.EventStore.Appending;
using Exchange.EventStore.Sealing;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Proposals;
using Exchange.Server.Records.Push;
using Exchange.Server.Records.Subjects;

namespace Exchange.Server.Records.Deciding;

/// <summary>One attempt of one append transaction: all its pushed records.</summary>
internal sealed class RecordAppendParticipant : IAppendParticipant
{
    private readonly Dictionary<ResourceId, SubjectChanges> subjects = [];
    private readonly RecordPayloads payloads = new();
    private readonly ProposalChanges proposals = new();
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
                proposals.Join(unit);
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

        proposals.AddReads(batch);
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
            if (records.Steps is { } steps)
            {
                Decide(records, index, steps[index], changes, context, outcome);
            }
            else
            {
                Decide(records, index, changes, context, outcome);
            }
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

        proposals.AddWrites(batch);
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

        // Whether the record's key is there tells the first seal: nothing is appended before.
        ReadOnlySpan<byte> pushed;
        var parts = decision.Proposals.IsEmpty ? [] : ProposalParts.Of(unit.Plan.Columns.Resource, after.Opener, decision.Proposals);
        try
        {
            pushed = decision.WritesFields ? payloads.Pushed(unit, index, before, after, decision.ChangedFields, context) : default;
            _ = parts.IsEmpty ? default : payloads.Proposed(unit, index, after, parts[0].AsSpan(), context);
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
            GiveProposals(unit, entry, decision.ChangedFields, after);
        }

        foreach (var part in parts)
        {
            last = context.Append(id, ++version, RecordEventTypes.FieldsProposed, payloads.Proposed(unit, index, after, part.AsSpan(), context)).Position;
            first = first is 0 ? last : first;
            Make(unit, entry, after, [.. part.Select(value => value.FieldIndex)], version, last, isDispute: false, context);
        }

        entry.Change(after, first, last, Microseconds(context), searched is not null);
        return [];
    }

    private void Decide(RecordUnit unit, int index, ProposalStep step, SubjectChanges changes, AppendContext context, UnitOutcome outcome)
    {
        var id = unit.Batch.IdOf(index);
        var entry = changes.Of(id);
        var refusal = (entry.Record, step) switch
        {
            (null, _) => ProposalSteps.Gone,
            ({ } record, ProposalStep.Dispute dispute) => Dispute(unit, index, entry, record, dispute, context),
            ({ } record, ProposalStep.Decision decision) => Decide(unit, index, changes, entry, record, decision, context),
            _ => throw new System.Diagnostics.UnreachableException($"step {step} has no meaning"),
        };
        if (refusal is not null && step is not ProposalStep.Decision { MaySkip: true })
        {
            context.Refuse(refusal);
        }

        outcome.Add(refusal is null ? RecordOutcome.Accepted : RecordOutcome.Unchanged, entry.Record?.Version ?? 0, []);
    }

    private Refusal? Dispute(RecordUnit unit, int index, SubjectEntry entry, RecordState record, ProposalStep.Dispute dispute, AppendContext context)
    {
        if (dispute.ReadVersion > record.Version)
        {
            return ProposalSteps.NotYet;
        }

        if (!RecordRules.Suggest(unit.Plan.Columns, unit.Batch.ValuesOf(index)[0]).TryGetValue(out var value, out var refusal))
        {
            return refusal;
        }

        ReadOnlySpan<byte> payload;
        try
        {
            payload = payloads.Disputed(unit, index, record, dispute, value, context);
        }
        catch (DataKeyDestroyedException)
        {
            return ProposalSteps.Gone;
        }

        var after = record.After(1);
        var position = context.Append(entry.Id, after.Version, RecordEventTypes.ValueDisputed, payload).Position;
        Make(unit, entry, after, [dispute.FieldIndex], after.Version, position, isDispute: true, context);
        entry.Change(after, position, position, Microseconds(context), changesSearch: false);
        return null;
    }

    private Refusal? Decide(
        RecordUnit unit, int index, SubjectChanges changes, SubjectEntry entry, RecordState record, ProposalStep.Decision step, AppendContext context)
    {
        if (proposals.Find(entry.Id, step.Version) is not { } row)
        {
            return ProposalSteps.Gone;
        }

        if (step.Check(row.Proposal, context.RecordedAt) is { } refusal)
        {
            return refusal;
        }

        if (step.RecordVersion > 0 && step.RecordVersion != record.Version)
        {
            return ProposalSteps.Moved;
        }

        if (step.State is ProposalState.Accepted)
        {
            var written = RecordRules.Decide(unit.Plan.Columns, record, null, 0, unit.Batch.ValuesOf(index));
            var errors = written.Errors;
            if (written is { Outcome: RecordOutcome.Accepted, NewState: { } after })
            {
                errors = TryAppend(unit, index, changes, entry, written, after, context);
            }

            if (!errors.IsEmpty)
            {
                return ProposalSteps.NotWritten(errors);
            }
        }

        ReadOnlySpan<byte> payload;
        try
        {
            payload = payloads.Decided(unit, index, entry.Record!, step, isErased: false, context);
        }
        catch (DataKeyDestroyedException)
        {
            payload = payloads.Decided(unit, index, entry.Record!, step, isErased: true, context);
        }

        var decided = entry.Record!.After(1);
        var position = context.Append(entry.Id, decided.Version, RecordEventTypes.ProposalDecided, payload).Position;
        proposals.Finish(row, step.State, context.RecordedAt, decided.Version);
        entry.Change(decided, position, position, Microseconds(context), changesSearch: false);
        return null;
    }

    private void Make(
        RecordUnit unit, SubjectEntry entry, RecordState record, ImmutableArray<int> fields, long version, long position, bool isDispute, AppendContext context)
    {
        var resource = unit.Plan.Columns.Resource;
        var rule = resource.Fields[fields[0]].Owner;
        var ownerField = rule is OwnerRule.DepartmentField named ? resource.IndexOf(named.FieldName) : -1;
        var settings = newest().Value.Settings;
        proposals.Make(new ProposalRow
        {
            Partition = unit.Partition,
            RecordId = entry.Id,
            Position = position,
            Resource = resource.Id.Value,
            OwnerField = ownerField < 0 ? 0 : resource.Fields[ownerField].Number,
            CreateTime = context.RecordedAt,
            Proposal = new Proposal
            {
                Version = version,
                IsDispute = isDispute,
                Proposer = unit.Plan.Columns.Caller.Department,
                Owner = rule switch
                {
                    OwnerRule.Department { Id: var department } => department,
                    OwnerRule.DepartmentField => record.Values[ownerField] is { IsMissing: false } name ? new DepartmentId(name.AsText) : null,
                    _ => record.Opener,
                },
                Fields = [.. fields.Select(field => resource.Fields[field].Number)],
                State = ProposalState.Open,
                DueTime = settings.Calendar.DueAfter(context.RecordedAt, settings.Limits.ProposalReply),
            },
        });
    }

    // What is open of a record goes with its fields.
    private void GiveProposals(RecordUnit unit, SubjectEntry entry, ReadOnlySpan<int> changed, RecordState after)
    {
        if (entry.Record is null)
        {
            return;
        }

        foreach (var field in changed)
        {
            if (unit.Plan.NamesOwner(field))
            {
                var number = unit.Plan.Columns.Resource.Fields[field].Number;
                proposals.Give(unit.Partition, entry.Id, number, after.Values[field] is { IsMissing: false } name ? name.AsText : "");
            }
        }
    }

    private static long Microseconds(AppendContext context) => (context.RecordedAt.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

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
