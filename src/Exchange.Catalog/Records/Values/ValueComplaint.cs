using System.Diagnostics;

namespace Exchange.Catalog.Records;

/// <summary>What is wrong with one value: a stable reason of <see cref="FieldError"/> and a message without the value.</summary>
public sealed record ValueComplaint(string Reason, string Message)
{

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

    /// <summary>A source's code without its code system, the other way round, or either beside something that is no code.</summary>
    public static ValueComplaint HalfSourced { get; } = new(FieldError.WrongType, "`source_code` and `code_system` are sent together, beside a `code` or instead of it");

    /// <summary>The value's kind is not that of the field's type, which the message names as a push writes it.</summary>
    public static ValueComplaint WrongType(FieldType expected) => new(FieldError.WrongType, expected switch
    {
        FieldType.Text => "the field is a TEXT: send the value as `text`",
        FieldType.Integer => "the field is an INTEGER: send the value as `integer`",
        FieldType.Decimal => "the field is a DECIMAL: send the value as `decimal`, in plain notation, e.g. `-12.50`",
        FieldType.Boolean => "the field is a BOOLEAN: send the value as `boolean`",
        FieldType.Date => "the field is a DATE: send the value as `date`, in days since 1970-01-01",
        FieldType.Timestamp => "the field is a TIMESTAMP: send the value as `timestamp`",
        FieldType.Code => "the field is a CODE: send the value as `code`",
        FieldType.TextList => "the field is a TEXT_LIST: send the value as `text_list`",
        FieldType.Point => "the field is a POINT: send the value as `point`",
        _ => throw new UnreachableException($"no field has the type {expected}"),
    });

    /// <summary>A code that is not in the field's list.</summary>
    public static ValueComplaint UnknownCode(FieldDefinition field)
    {
        ArgumentNullException.ThrowIfNull(field);
        return new(FieldError.UnknownCode, $"the code is not in the code list `{field.CodeList}`: send one that GetCodeList lists, or ask the list's publisher to add it");
    }

    /// <summary>What is wrong with a source's code for the field's list; null when the list maps it to this code.</summary>
    public static ValueComplaint? OfSource(FieldDefinition field, CodeList codes, SourcedCode sourced)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(sourced);
        if (!codes.Maps(sourced.CodeSystem))
        {
            return new(FieldError.UnknownCodeSystem, $"the code list `{field.CodeList}` maps no codes of this `code_system`: send one that GetCodeList lists, or ask the list's publisher to map it");
        }

        if (!codes.TryMap(sourced.CodeSystem, sourced.SourceCode, out var mapped))
        {
            return new(FieldError.UnknownSourceCode, $"the code list `{field.CodeList}` does not map this `source_code` of `{sourced.CodeSystem}`: ask the list's publisher to map it, or send `code` alone");
        }

        return mapped.Code == sourced.Code
            ? null
            : new(FieldError.SourceCodeMismatch, $"the code list `{field.CodeList}` maps this `source_code` of `{sourced.CodeSystem}` to another code: send the source's code without `code`, or correct one of them");
    }

    /// <summary>A code that new values may not use.</summary>
    public static ValueComplaint RetiredCode(FieldDefinition field)
    {
        ArgumentNullException.ThrowIfNull(field);
        return new(FieldError.UnknownCode, $"the code is retired in the code list `{field.CodeList}`: send one that is not");
    }
}
