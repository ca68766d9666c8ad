namespace Exchange.Catalog;

/// <summary>
/// National code of a resource (信息资源代码): digits of a category of the national scheme from 目 on, `/`, a sequence number of 1 to 9 digits that does not begin
/// with 0, such as `301001/12`.
/// </summary>
public readonly record struct ResourceCode(string Value)
{
    /// <summary>The digits before the sequence number.</summary>
    public string Digits => Value[..Value.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>The sequence number.</summary>
    public int Sequence => int.Parse(Value.AsSpan(Value.IndexOf('/', StringComparison.Ordinal) + 1), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>True when the text has a code's shape.</summary>
    public static bool IsValid(string? text) =>
        text?.IndexOf('/', StringComparison.Ordinal) is { } slash and > 0
        && NationalScheme.IsCode(text[..slash]) && slash >= NationalScheme.EntryLength
        && text.Length - slash - 1 is >= 1 and <= 9 && text[slash + 1] is not '0' && text.AsSpan(slash + 1).IndexOfAnyExceptInRange('0', '9') < 0;

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
