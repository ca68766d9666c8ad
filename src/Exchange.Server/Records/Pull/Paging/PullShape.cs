using System.Collections.Immutable;
using Exchange.Policy.Conditions;
using Exchange.Server.Audit;
using Exchange.Server.Records.Subjects;

namespace Exchange.Server.Records.Pull.Paging;

/// <summary>
/// The result set of a pull: what is selected, and at which ordinals. First the record's id, where it was opened and its version, then the value it is
/// ordered by, the numbers of deciding rules, the fields, what a search needs to be checked again, and owners for the trail.
/// </summary>
internal sealed class PullShape
{
    /// <summary>Ordinal of the record's id.</summary>
    public const int RecordId = 0;

    /// <summary>Ordinal of the position of the record's first event.</summary>
    public const int Opened = 1;

    /// <summary>Ordinal of the version.</summary>
    public const int Version = 2;

    /// <summary>Ordinal of the value a pull is ordered by, when it is.</summary>
    public const int OrderValue = 3;

    private readonly List<PullColumn> ruled = [];

    /// <summary>The shape of a view.</summary>
    public PullShape(PullView view)
    {
        View = view;
        Table = SubjectTable.Of(view.Plan.Plan.Resource);
        Columns = [.. view.Fields.Select(index => new PullColumn(index, Table.Columns[index], view.Plan.Plan.Fields[index]))];
        IsProposed = view.Order is null && IsFoundByIndex(view.Filter);
        MustCheck = ConditionSql.Append(new SubjectSql(), Table, view.Filter);
        Checked = ConditionForm.HasSearch(view.Filter) ? ConditionForm.Attributes(view.Filter) : [];
        var ordinal = view.Order is null ? OrderValue : OrderValue + 1;
        RuleOrdinals = [.. Columns.Select(column => RuleOrdinal(column, ordinal))];
        ordinal += ruled.Count;
        ValueOrdinals = Ordinals(Columns.Select(column => column.Column.Width), ref ordinal);
        CheckedOrdinals = Ordinals(Checked.Select(attribute => SubjectReader.Width(attribute.Type)), ref ordinal);
        Owners = RowOwners.Of(view.Plan.Plan.Resource, Shown);
        OwnerOrdinals = Ordinals(Owners.Rules.Select(rule => SubjectReader.Width(rule.Attribute.Type)), ref ordinal);
        OwnedOrdinals =
        [
            .. Owners.Rules.Select(rule => Columns.Index()
                .Where(column => rule.Fields.Contains(column.Item.FieldIndex))
                .Select(column => ValueOrdinals[column.Index])
                .ToImmutableArray()),
        ];
        Width = ordinal;
    }

    /// <summary>The view.</summary>
    public PullView View { get; }

    /// <summary>The table.</summary>
    public SubjectTable Table { get; }

    /// <summary>Places in the resource of the fields that are shown in some row.</summary>
    public ImmutableArray<int> Shown => [.. Columns.Where(column => !column.IsDenied).Select(column => column.FieldIndex)];

    /// <summary>One for each wanted field.</summary>
    public ImmutableArray<PullColumn> Columns { get; }

    /// <summary>For each column the ordinal of its deciding rule; -1 when it needs none.</summary>
    public ImmutableArray<int> RuleOrdinals { get; }

    /// <summary>For each column the ordinal of its value.</summary>
    public ImmutableArray<int> ValueOrdinals { get; }

    /// <summary>True when indexes propose every row the filter may hold for: where these are few, pages are taken from them.</summary>
    public bool IsProposed { get; }

    /// <summary>True when the filter must be checked again in memory.</summary>
    public bool MustCheck { get; }

    /// <summary>The attributes of a filter that searches text, which may have to be checked again in memory. The reader may read all of them unmasked in every row it sees.</summary>
    public ImmutableArray<AttributeRef> Checked { get; }

    /// <summary>For each of <see cref="Checked"/> its ordinal.</summary>
    public ImmutableArray<int> CheckedOrdinals { get; }

    /// <summary>Who owns fields of a row.</summary>
    public RowOwners Owners { get; }

    /// <summary>For each rule of <see cref="Owners"/> the ordinal of the owner's id.</summary>
    public ImmutableArray<int> OwnerOrdinals { get; }

    /// <summary>For each rule of <see cref="Owners"/> the ordinals of the values that are owned so.</summary>
    public ImmutableArray<ImmutableArray<int>> OwnedOrdinals { get; }

    /// <summary>How many columns a row has.</summary>
    public int Width { get; }

    /// <summary>Adds the select list: all columns as one value, see <see cref="SubjectRow"/>.</summary>
    public void AppendSelect(SubjectSql sql)
    {
        sql.Append($"SELECT record_send(ROW(record_id, opened_position, version");
        if (View.Order is { } order)
        {
            sql.Append($", {Table.ColumnOf(order.Attribute)}");
        }

        foreach (var column in ruled)
        {
            sql.Append($", ");
            column.AppendRule(sql, Table);
        }

        foreach (var column in Columns)
        {
            sql.Append($", ");
            column.AppendValue(sql, Table);
        }

        foreach (var attribute in Checked)
        {
            sql.Append($", {Table.ColumnOf(attribute)}");
            _ = attribute.Type is FieldType.Point ? sql.Append($", {Table.Columns[Table.Resource.IndexOf(attribute.Number)].Longitude!.Value}") : sql;
        }

        foreach (var rule in Owners.Rules)
        {
            sql.Append($", {Table.ColumnOf(rule.Attribute)}");
        }

        sql.Append($"))");
    }

    private bool IsFoundByIndex(Condition condition) => condition switch
    {
        Condition.Search => true,
        Condition.Compare { Op: not CompareOp.NotEqual } compare => IsIndexed(compare.Attribute),
        Condition.In list => IsIndexed(list.Attribute),
        Condition.And and => and.Terms.Any(IsFoundByIndex),
        Condition.Or or => !or.Terms.IsEmpty && or.Terms.All(IsFoundByIndex),
        _ => false,
    };

    private bool IsIndexed(AttributeRef attribute) => Table.Resource.TryGetField(attribute.Number, out var field) && field.Indexed;

    private static ImmutableArray<int> Ordinals(IEnumerable<int> widths, ref int next)
    {
        var ordinals = ImmutableArray.CreateBuilder<int>();
        foreach (var width in widths)
        {
            ordinals.Add(next);
            next += width;
        }

        return ordinals.ToImmutable();
    }

    // Fields with the same rules share the number of the one that decides.
    private int RuleOrdinal(PullColumn column, int first)
    {
        if (!column.NeedsRule)
        {
            return -1;
        }

        var known = ruled.FindIndex(column.IsDecidedAs);
        if (known < 0)
        {
            known = ruled.Count;
            ruled.Add(column);
        }

        return first + known;
    }
}
