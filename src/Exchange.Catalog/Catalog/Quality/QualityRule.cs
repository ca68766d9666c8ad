namespace Exchange.Catalog;

/// <summary>What values of a field should be like (质量规则). A rule measures: it never rejects a value.</summary>
public abstract record QualityRule
{
    private QualityRule()
    {
    }

    /// <summary>True when records meet or miss it by the passing of time alone.</summary>
    public virtual bool DependsOnTime => false;

    /// <summary>Not given: a draft may say it, a resource may not.</summary>
    public sealed record Unspecified : QualityRule;

    /// <summary>There is a value, and it is no empty text or list.</summary>
    public sealed record Required : QualityRule;

    /// <summary>A number, date or time of at least <paramref name="Min"/> and at most <paramref name="Max"/>, written as in filters; one may be empty.</summary>
    public sealed record Range(string Min, string Max) : QualityRule;

    /// <summary>A text that matches as a whole; <see cref="QualityPattern"/> tells what may stand in an expression.</summary>
    public sealed record Pattern(string Expression) : QualityRule;

    /// <summary>A code of this list that is not retired.</summary>
    public sealed record Reference(CodeListId CodeList) : QualityRule;

    /// <summary>
    /// In time: the value, a date or time, is at most so many hours or working days after the opening of the record, or after another field's time; a field of another
    /// type has a value when that time is over. Exactly one of the two limits is not 0.
    /// </summary>
    /// <param name="After">The other field; empty for the opening.</param>
    /// <param name="Hours">Hours, 1 to 87 600; 0 when the limit is of working days.</param>
    /// <param name="WorkingDays">Working days of the hub's calendar, 1 to 1 000; 0 when the limit is of hours.</param>
    public sealed record Timeliness(string After, int Hours, int WorkingDays) : QualityRule
    {
        /// <summary>Most hours: ten years.</summary>
        public const int MostHours = 87_600;

        /// <summary>Most working days.</summary>
        public const int MostWorkingDays = 1_000;

        /// <inheritdoc/>
        public override bool DependsOnTime => true;
    }
}
