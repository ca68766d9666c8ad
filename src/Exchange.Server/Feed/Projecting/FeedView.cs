using System.Collections.Immutable;
using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;
using Exchange.Server.Access;
using Exchange.Server.Audit;
using Exchange.Server.Catalog;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Feed;

/// <summary>What one feed shows under one plan: columns of rows that the plan and the reader's filter let through. Immutable.</summary>
internal sealed class FeedView
{
    private readonly ImmutableHashSet<int> wantedNumbers;
    private readonly int[] numbers;

    // Places of the columns that some rule shows as nothing.
    private readonly int[] hidden;
    private byte[]? digest;

    /// <summary>A view of these fields, given by their places in the resource, in the order of the columns.</summary>
    public FeedView(ReadPlan plan, ImmutableArray<int> fields, Condition filter)
    {
        (Plan, Fields, Filter) = (plan, fields, filter);
        Key = new FeedViewKey(plan, string.Join(',', fields), ConditionPrinter.Print(filter));
        numbers = [.. plan.Plan.Fields.Select(field => field.Field.Number)];
        hidden = [.. fields.Where(index => plan.Plan.Fields[index].Rules.Any(rule => rule.Mask.Kind is MaskKind.Null))];
        Owners = RowOwners.Of(plan.Plan.Resource, fields);
        ConditionNumbers = plan.Plan.ConditionNumbers.Union(ConditionForm.AttributeNumbers(filter)).Union(Owners.Rules.Select(rule => rule.Attribute.Number));
        wantedNumbers =
        [
            .. ConditionNumbers,
            .. fields.Select(index => plan.Plan.Fields[index]).Where(field => !field.IsDenied).Select(field => field.Field.Number),
        ];
    }

    /// <summary>The plan.</summary>
    public ReadPlan Plan { get; }

    /// <summary>Place in the resource of each column's field.</summary>
    public ImmutableArray<int> Fields { get; }

    /// <summary>The reader's filter.</summary>
    public Condition Filter { get; }

    /// <summary>Numbers of what the filter looks at.</summary>
    public IReadOnlyCollection<int> Looked => ConditionForm.AttributeNumbers(Filter);

    /// <summary>Tells it from what other plans show.</summary>
    public byte[] Digest => digest ??= PlanDigest.Of(Plan.Plan, Fields);

    /// <summary>The same for views that show the same of every event.</summary>
    public FeedViewKey Key { get; }

    /// <summary>Who owns the columns of a record.</summary>
    public RowOwners Owners { get; }

    /// <summary>Numbers of the fields and system attributes that decide which rows are shown, and how, and that tell who owns them.</summary>
    public ImmutableSortedSet<int> ConditionNumbers { get; }

    /// <summary>Names of the columns.</summary>
    public IEnumerable<string> FieldNames => Fields.Select(index => Plan.Plan.Fields[index].Field.Name);

    /// <summary>The columns that a mask stands on in some row.</summary>
    public IEnumerable<FieldPlan> MaskedFields => Fields.Select(index => Plan.Plan.Fields[index]).Where(column => column.Masks.Length > 0);

    /// <summary>True when the value of that field is needed, for showing or for deciding: sealed values of others stay sealed.</summary>
    public bool Wants(int number) => wantedNumbers.Contains(number);

    /// <summary>
    /// Decides a row: false when it is not there for the reader; else the rule of each field, by its place in the resource, with
    /// <see cref="PlanEvaluator.Denied"/> also where the mask shows nothing.
    /// </summary>
    public bool TryDecide<TRow>(in TRow row, Span<short> rules)
        where TRow : IRow
    {
        if (!Plan.Evaluator.Evaluate(row, rules) || !ConditionEvaluator.Holds(Filter, row))
        {
            return false;
        }

        foreach (var index in hidden)
        {
            if (rules[index] >= 0 && MaskOf(index, rules[index]).Kind is MaskKind.Null)
            {
                rules[index] = PlanEvaluator.Denied;
            }
        }

        return true;
    }

    /// <summary>Number of the field at a place in the resource.</summary>
    public int NumberOf(int index) => numbers[index];

    /// <summary>The mask that a rule puts on a field.</summary>
    public Mask MaskOf(int index, short rule) => Plan.Plan.Fields[index].Rules[rule].Mask;

    /// <summary>True when the rule before and the one after make the reader see a value that it did not see, or saw in another form.</summary>
    public bool IsNewlyShown(int index, short before, short after) =>
        after is not PlanEvaluator.Denied && (before is PlanEvaluator.Denied || MaskOf(index, before) != MaskOf(index, after));

    /// <summary>The columns as they are told to the reader.</summary>
    public IEnumerable<Proto.Column> ToColumns() => Fields.Select(index => Plan.Plan.Fields[index]).Select(ToColumn);

    private static Proto.Column ToColumn(FieldPlan field) => new()
    {
        Field = field.Field.Name,
        Number = field.Field.Number,
        Type = (Proto.FieldType)field.Field.Type,
        Masks = { field.Masks.Select(mask => mask.ToProto()) },
    };
}
