namespace Exchange.Policy.Conditions;

/// <summary>A code beside the one its source has for the same class, of the code system that numbers it so. Compared part by part.</summary>
public sealed record SourcedCode
{
    /// <summary>What stands between code system and code in <see cref="Source"/>; no code system holds it.</summary>
    private const char Separator = '/';

    /// <summary>A code, empty where only the source's is known, with the source's.</summary>
    public SourcedCode(string code, string codeSystem, string sourceCode)
    {
        (Code, CodeSystem, SourceCode) = (code, codeSystem, sourceCode);
        Source = $"{codeSystem}{Separator}{sourceCode}";
    }

    /// <summary>The code of the field's list.</summary>
    public string Code { get; }

    /// <summary>Id of the code system the source's code is from.</summary>
    public string CodeSystem { get; }

    /// <summary>The source's own code.</summary>
    public string SourceCode { get; }

    /// <summary>Both as one text, `code_system/source_code`.</summary>
    public string Source { get; }

    /// <summary>The code with what <see cref="Source"/> says.</summary>
    public static SourcedCode Of(string code, string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var end = source.IndexOf(Separator, StringComparison.Ordinal);
        return new(code, source[..Math.Max(0, end)], source[(end + 1)..]);
    }

    /// <summary>Nothing of it: a value may be personal and must not reach a log by accident.</summary>
    public override string ToString() => "sourced code";
}
