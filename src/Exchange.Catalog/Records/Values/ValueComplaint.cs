namespace Exchange.Catalog.Records;

/// <summary>What is wrong with one value: a stable reason of <see cref="FieldError"/> and a message without the value.</summary>
public sealed record ValueComplaint(string Reason, string Message)
{
    /// <summary>The value's kind is not the field's.</summary>
    public static ValueComplaint WrongType { get; } = new(FieldError.WrongType, "send the value in the kind of the field's type");

    /// <summary>The text of a decimal is not plain notation.</summary>
    public static ValueComplaint NotDecimal { get; } = new(FieldError.WrongType, "a decimal is written in plain notation, e.g. `-12.50`");

    /// <summary>The decimal has more digits than can be kept.</summary>
    public static ValueComplaint TooManyDigits { get; } = new(FieldError.OutOfRange, "a decimal has at most 28 significant digits");

    /// <summary>A date or timestamp outside the calendar.</summary>
    public static ValueComplaint OutsideCalendar { get; } = new(FieldError.OutOfRange, "dates and timestamps lie in the years 1 to 9999");

    /// <summary>A point that is not on earth.</summary>
    public static ValueComplaint NotOnEarth { get; } = new(FieldError.OutOfRange, "latitude is -90 to 90 and longitude -180 to 180 degrees");

    /// <summary>U+0000 in a text.</summary>
    public static ValueComplaint NulCharacter { get; } = new(FieldError.OutOfRange, "a text cannot hold the character U+0000");

    /// <summary>A code that is not in the list.</summary>
    public static ValueComplaint UnknownCode { get; } = new(FieldError.UnknownCode, "the code is not in the field's code list");

    /// <summary>A code that new values may not use.</summary>
    public static ValueComplaint RetiredCode { get; } = new(FieldError.UnknownCode, "the code is retired in the field's code list");
}
