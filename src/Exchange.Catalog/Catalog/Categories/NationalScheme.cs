namespace Exchange.Catalog;

/// <summary>
/// The national classification of resources (政务信息资源目录编制指南): codes of digits only, where 类 has one digit (1 basic, 2 theme, 3 department), 项 three,
/// 目 six, and 细目 any number more.
/// </summary>
public static class NationalScheme
{
    /// <summary>Digits of a 目, from which on resources are classified.</summary>
    public const int EntryLength = 6;

    private const int ClassLength = 1;
    private const int ItemLength = 3;

    /// <summary>True for a code of digits only, which claims to be of the scheme.</summary>
    public static bool IsClaimed(string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        return code.Length > 0 && code.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;
    }

    /// <summary>True for a code of the scheme.</summary>
    public static bool IsCode(string code) =>
        IsClaimed(code) && code[0] is >= '1' and <= '3' && code.Length is ClassLength or ItemLength or >= EntryLength;

    /// <summary>True when a category of the scheme may stand under this one.</summary>
    /// <param name="code">The category.</param>
    /// <param name="parent">The category above; null at the top.</param>
    public static bool Follows(string code, string? parent)
    {
        ArgumentNullException.ThrowIfNull(code);
        return code.Length switch
        {
            ClassLength => parent is null,
            ItemLength => IsUnder(code, parent, ClassLength, ClassLength),
            EntryLength => IsUnder(code, parent, ItemLength, ItemLength),
            _ => IsUnder(code, parent, EntryLength, code.Length - 1),
        };
    }

    private static bool IsUnder(string code, string? parent, int least, int most) =>
        parent is not null && parent.Length >= least && parent.Length <= most && IsCode(parent) && code.StartsWith(parent, StringComparison.Ordinal);
}
