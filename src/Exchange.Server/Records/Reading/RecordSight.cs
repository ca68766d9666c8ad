using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;
using Exchange.Server.Access;

namespace Exchange.Server.Records.Reading;

/// <summary>
/// What a reader sees of a record's past: what its plan of now allows on the record as it is and on the record as it was. Neither widens the other, so
/// that looking back shows nothing that is hidden today or was hidden then. Not for concurrent use.
/// </summary>
internal sealed class RecordSight
{
    private readonly ReadPlan plan;
    private readonly short[] now;
    private readonly short[] then;
    private bool isThere;

    /// <summary>A reader's sight of a record that is now as this fold tells.</summary>
    public RecordSight(ReadPlan plan, RecordFold current)
    {
        this.plan = plan;
        now = new short[plan.Plan.Fields.Length];
        then = new short[plan.Plan.Fields.Length];
        IsVisible = current.Version > 0 && plan.Evaluator.Evaluate(current, now);
    }

    /// <summary>True when the record is there for the reader now.</summary>
    public bool IsVisible { get; }

    /// <summary>Looks at the record as it was. False when it was not there for the reader.</summary>
    public bool Look(RecordFold past) => isThere = IsVisible && past.Version > 0 && plan.Evaluator.Evaluate(past, then);

    /// <summary>
    /// True when the reader may see the field of the record that was last looked at, masked or not. A mask that shows nothing does not even show that
    /// there was something.
    /// </summary>
    public bool Allows(int index) => isThere && IsShown(index, now[index]) && IsShown(index, then[index]);

    /// <summary>True when a mask stands on the field.</summary>
    public bool IsMasked(int index) => MaskOf(index, now[index]).Hides || MaskOf(index, then[index]).Hides;

    /// <summary>What the reader sees of a value of that field then.</summary>
    public FieldValue Show(int index, in FieldValue value)
    {
        if (!Allows(index))
        {
            return default;
        }

        var (masked, maskedThen) = (MaskOf(index, now[index]), MaskOf(index, then[index]));

        // Two different masks together could tell what each of them hides.
        if (masked.Hides && maskedThen.Hides && masked != maskedThen)
        {
            return default;
        }

        return plan.Masks.Show(index, masked.Hides ? now[index] : then[index], value);
    }

    private bool IsShown(int index, short rule) => rule is not PlanEvaluator.Denied && MaskOf(index, rule).Kind is not MaskKind.Null;

    private Mask MaskOf(int index, short rule) => plan.Plan.Fields[index].Rules[rule].Mask;
}
