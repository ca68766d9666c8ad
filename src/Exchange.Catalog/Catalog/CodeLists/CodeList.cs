using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Exchange.Catalog;

/// <summary>One version of a list of codes (代码集): immutable, codes in the publisher's order.</summary>
public sealed class CodeList
{
    private readonly FrozenDictionary<string, CodeEntry> _byCode;

    /// <summary>Two entries of one code are a bug here: the publish rules refuse them.</summary>
    public CodeList(CodeListId id, int version, ImmutableArray<CodeEntry> codes)
    {
        (Id, Version, Codes) = (id, version, codes);
        _byCode = codes.ToFrozenDictionary(entry => entry.Code, StringComparer.Ordinal);
    }

    /// <summary>Its id.</summary>
    public CodeListId Id { get; }

    /// <summary>From 1, one more with each change.</summary>
    public int Version { get; }

    /// <summary>The codes, retired ones too.</summary>
    public ImmutableArray<CodeEntry> Codes { get; }

    /// <summary>The entry of this code, retired or not.</summary>
    public bool TryGetCode(string code, [NotNullWhen(true)] out CodeEntry? entry) => _byCode.TryGetValue(code, out entry);
}
