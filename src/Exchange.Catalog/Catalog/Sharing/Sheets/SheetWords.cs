using System.Collections.Frozen;
using System.Globalization;
using Exchange.Policy.Masks;

namespace Exchange.Catalog;

/// <summary>
/// Words of a sheet: columns and classes in Chinese and in the protos' English. Both are read, also side by side; numbers of classes are not, for one city's 1 is
/// another's 2.
/// </summary>
internal static class SheetWords
{
    private static readonly (SheetColumn Column, string Chinese)[] _columns =
    [
        (SheetColumn.ResourceCode, "信息资源代码"), (SheetColumn.Resource, "信息资源标识"), (SheetColumn.ResourceName, "信息资源名称"),
        (SheetColumn.Field, "信息项标识"), (SheetColumn.FieldName, "信息项名称"), (SheetColumn.Type, "数据类型"), (SheetColumn.Level, "数据级别"),
        (SheetColumn.SharingClass, "共享类型"), (SheetColumn.Condition, "共享条件"), (SheetColumn.BasisKind, "共享依据类型"), (SheetColumn.Basis, "共享依据"),
        (SheetColumn.SharingMode, "共享方式"), (SheetColumn.OpenClass, "开放类型"), (SheetColumn.OpenCondition, "开放条件"),
        (SheetColumn.OpenBasisKind, "开放依据类型"), (SheetColumn.OpenBasis, "开放依据"), (SheetColumn.UpdateCycle, "更新周期"), (SheetColumn.Mask, "脱敏"),
    ];

    private static readonly FrozenDictionary<string, SheetColumn> _byWord = _columns
        .SelectMany(column => new[] { KeyValuePair.Create(column.Chinese, column.Column), KeyValuePair.Create(Key(column.Column), column.Column) })
        .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<Enum, string> _chinese = new Dictionary<Enum, string>
    {
        [SharingClass.Unconditional] = "无条件共享", [SharingClass.Conditional] = "有条件共享", [SharingClass.NotShared] = "不予共享",
        [OpenClass.Unconditional] = "无条件开放", [OpenClass.Conditional] = "有条件开放", [OpenClass.NotOpen] = "不予开放",
        [BasisKind.Law] = "法律法规", [BasisKind.Policy] = "政策文件", [BasisKind.Sensitive] = "涉及敏感信息", [BasisKind.Other] = "其他",
        [SharingMode.Platform] = "共享平台", [SharingMode.Mail] = "邮件", [SharingMode.Media] = "介质", [SharingMode.Other] = "其他",
        [UpdateCycle.Realtime] = "实时", [UpdateCycle.Daily] = "每日", [UpdateCycle.Weekly] = "每周", [UpdateCycle.Monthly] = "每月",
        [UpdateCycle.Quarterly] = "每季度", [UpdateCycle.HalfYearly] = "每半年", [UpdateCycle.Yearly] = "每年", [UpdateCycle.Irregular] = "不定期",
        [UpdateCycle.Static] = "不更新", [UpdateCycle.TenDays] = "每旬",
    }.ToFrozenDictionary();

    /// <summary>A column's heading.</summary>
    internal static string Heading(SheetColumn column, bool isChinese) => isChinese ? _columns.First(known => known.Column == column).Chinese : Key(column);

    /// <summary>The column of a heading; null for one that is none.</summary>
    internal static SheetColumn? ColumnOf(string heading) => _byWord.TryGetValue(heading.Trim(), out var column) ? column : null;

    /// <summary>A column's English name, as violations tell it.</summary>
    internal static string Key(SheetColumn column) => EnumWords.Of(column).ToLowerInvariant();

    /// <summary>A member's word; empty for unspecified.</summary>
    internal static string Word<T>(T value, bool isChinese)
        where T : struct, Enum =>
        EqualityComparer<T>.Default.Equals(value, default) ? "" : isChinese && _chinese.TryGetValue(value, out var chinese) ? chinese : EnumWords.Of(value);

    /// <summary>The member of a word, unspecified when empty; null when it is none.</summary>
    internal static T? Read<T>(string word)
        where T : struct, Enum
    {
        if (word.Length is 0)
        {
            return default(T);
        }

        return Table<T>.ByWord.TryGetValue(word.Replace('-', '_'), out var value) ? value : null;
    }

    /// <summary>All words of an enum, for messages.</summary>
    internal static string Words<T>()
        where T : struct, Enum =>
        string.Join(", ", Enum.GetValues<T>().Where(value => !EqualityComparer<T>.Default.Equals(value, default)).Select(value => Word(value, isChinese: true)).Distinct());

    /// <summary>What an entry says in a column; empty in those that are not the entry's.</summary>
    internal static string Cell(SharingEntry entry, SheetColumn column, bool isChinese) => column switch
    {
        SheetColumn.Level => ((int)entry.Level).ToString(CultureInfo.InvariantCulture),
        SheetColumn.SharingClass => Word(entry.SharingClass, isChinese),
        SheetColumn.Condition => entry.Terms.Condition,
        SheetColumn.BasisKind => Word(entry.Terms.Basis.Kind, isChinese),
        SheetColumn.Basis => entry.Terms.Basis.Text,
        SheetColumn.SharingMode => Word(entry.SharingMode, isChinese),
        SheetColumn.OpenClass => Word(entry.OpenClass, isChinese),
        SheetColumn.OpenCondition => entry.Terms.OpenCondition,
        SheetColumn.OpenBasisKind => Word(entry.Terms.OpenBasis.Kind, isChinese),
        SheetColumn.OpenBasis => entry.Terms.OpenBasis.Text,
        SheetColumn.UpdateCycle => Word(entry.UpdateCycle, isChinese),
        SheetColumn.Mask => Of(entry.Mask),
        _ => "",
    };

    /// <summary>A mask as a cell; empty when it is not given.</summary>
    internal static string Of(Mask mask) => mask.IsUnspecified ? ""
        : mask.Parameter is 0 ? EnumWords.Of(mask.Kind) : string.Create(CultureInfo.InvariantCulture, $"{EnumWords.Of(mask.Kind)} {mask.Parameter}");

    /// <summary>The mask of a cell; null when it is none.</summary>
    internal static Mask? ReadMask(string cell)
    {
        var words = cell.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is [])
        {
            return default(Mask);
        }

        var parameter = 0;
        return words.Length <= 2 && Read<MaskKind>(words[0]) is { } kind
            && (words.Length is 1 || int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out parameter))
            ? new Mask(kind, parameter)
            : null;
    }

    private static class Table<T>
        where T : struct, Enum
    {
        internal static readonly FrozenDictionary<string, T> ByWord = Enum.GetValues<T>()
            .Where(value => !EqualityComparer<T>.Default.Equals(value, default))
            .SelectMany(value => new[] { KeyValuePair.Create(Word(value, isChinese: true), value), KeyValuePair.Create(EnumWords.Of(value), value) })
            .DistinctBy(word => word.Key)
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
