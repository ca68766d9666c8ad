using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Records;
using Exchange.Server.Records.Deciding;
using Exchange.Server.Records.Subjects;

namespace Exchange.Server.Records.Push;

/// <summary>
/// A push's header resolved against one state of governance, with everything the append needs to know of it: which columns to read, which to write,
/// what to seal. Never changes; made anew when governance moved on or something in it ended.
/// </summary>
internal sealed class PushPlan
{
    private readonly GovernanceState state;
    private readonly HashSet<int> naming;
    private Tuple<GovernanceState, bool>? last;

    private PushPlan(PushColumns columns, GovernanceState state, IReadOnlyList<string> fields)
    {
        this.state = state;
        Columns = columns;
        Table = SubjectTable.Of(columns.Resource);
        naming = [.. columns.Resource.Fields.Select(field => field.Owner).OfType<OwnerRule.DepartmentField>().Select(rule => columns.Resource.IndexOf(rule.FieldName))];
        Levels = new FieldLevels(state, columns.Resource);
        Conditions = ConditionFields.Of(state, columns.Resource);
        Written = [.. fields.Select(columns.Resource.IndexOf).Order()];
        WritesSearchable = Written.Any(index => columns.Resource.Fields[index].Searchable);
        Read = [.. Written.Union(Conditions).Union(columns.ForbidNumbers.Union(columns.SightNumbers).Where(number => number > 0).Select(columns.Resource.IndexOf)).Union(WritesSearchable ? Table.SearchableFields : []).Order()];
        MaySeal = Written.Union(Conditions).Any(Levels.MayBeSealed);
    }

    /// <summary>The header for the record rules.</summary>
    public PushColumns Columns { get; }

    /// <summary>Where the records stand.</summary>
    public SubjectTable Table { get; }

    /// <summary>What is sealed.</summary>
    public FieldLevels Levels { get; }

    /// <summary>Indexes of the fields that row conditions may use.</summary>
    public ImmutableArray<int> Conditions { get; }

    /// <summary>Indexes of the header's fields.</summary>
    public ImmutableArray<int> Written { get; }

    /// <summary>Indexes of the fields a decision must know: the header's, those of conditions, those that policy rows on pushing and what the caller may read ask for and, when one of these is written, all searchable ones.</summary>
    public ImmutableArray<int> Read { get; }

    /// <summary>True when a field of the header is searchable.</summary>
    public bool WritesSearchable { get; }

    /// <summary>True when a value of this push may have to be sealed.</summary>
    public bool MaySeal { get; }

    /// <summary>True when the field of this index names who owns others.</summary>
    public bool NamesOwner(int fieldIndex) => naming.Contains(fieldIndex);

    /// <summary>False once something in it has ended.</summary>
    public bool IsCurrent(DateTimeOffset now) => Columns.ExpireTime is null || now < Columns.ExpireTime;

    /// <summary>True when a plan made in this later state would be the same.</summary>
    public bool HoldsIn(GovernanceState later)
    {
        if (ReferenceEquals(later, state))
        {
            return true;
        }

        // Asked for each unit under the locks of its records: answered once for a state.
        if (last is not { } known || !ReferenceEquals(known.Item1, later))
        {
            last = known = Tuple.Create(later, IsSameIn(later));
        }

        return known.Item2;
    }

    /// <summary>Resolves a header, or tells everything that is wrong with it.</summary>
    public static Result<PushPlan> Resolve(GovernanceState state, Caller caller, PushedHeader header, DateTimeOffset now)
    {
        var columns = PushColumns.Resolve(state, caller, header, now);
        return columns.IsRefused ? columns.Refusal : new PushPlan(columns.Value, state, header.Fields);
    }

    /// <summary>The same for a step of a proposal or dispute of these fields.</summary>
    public static Result<PushPlan> ResolveStep(GovernanceState state, Caller caller, ResourceId resource, IReadOnlyList<string> fields, DateTimeOffset now)
    {
        var columns = PushColumns.ResolveStep(state, caller, resource, fields, now);
        return columns.IsRefused ? columns.Refusal : new PushPlan(columns.Value, state, fields);
    }

    private bool IsSameIn(GovernanceState later) =>
        ReferenceEquals(later.Resources, state.Resources)
        && ReferenceEquals(later.SharingLists, state.SharingLists)
        && ReferenceEquals(later.CodeLists, state.CodeLists)
        && ReferenceEquals(later.Departments, state.Departments)
        && ReferenceEquals(later.SourceSystems, state.SourceSystems)
        && PushColumns.HaveSameRows(later, state, Columns.Resource)
        && Columns.HasSameSight(later, state)
        && ((ReferenceEquals(later.Grants, state.Grants) && ReferenceEquals(later.PolicyRows, state.PolicyRows) && ReferenceEquals(later.Categories, state.Categories))
            || ConditionFields.Of(later, Columns.Resource).AsSpan().SequenceEqual(Conditions.AsSpan()));
}
