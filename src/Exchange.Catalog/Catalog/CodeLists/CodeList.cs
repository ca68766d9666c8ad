using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Exchange.Catalog;

/// <summary>
/// One version of a list of codes (代码集) with the codes that sources have for the same classes: immutable, both in the publisher's order.
/// </summary>
public sealed class CodeList
{
    private readonly FrozenDictionary<string, CodeEntry> _byCode;
    private readonly FrozenDictionary<(string System, string Code), SourcedCode> _bySource;
    private readonly FrozenSet<string> _systems;

    /// <summary>Two entries of one code, or two mappings of one source's code, are a bug here: the publish rules refuse them.</summary>
    public CodeList(CodeListId id, int version, ImmutableArray<CodeEntry> codes, ImmutableArray<SourcedCode> mappings = default)
    {
        (Id, Version, Codes, Mappings) = (id, version, codes, mappings.IsDefault ? [] : mappings);
        _byCode = codes.ToFrozenDictionary(entry => entry.Code, StringComparer.Ordinal);
        _bySource = Mappings.ToFrozenDictionary(mapping => (mapping.CodeSystem, mapping.SourceCode));
        _systems = Mappings.Select(mapping => mapping.CodeSystem).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>Its id.</summary>
    public CodeListId Id { get; }

    /// <summary>From 1, one more with each change.</summary>
    public int Version { get; }

    /// <summary>The codes, retired ones too.</summary>
    public ImmutableArray<CodeEntry> Codes { get; }

    /// <summary>The codes that sources have, each with the code of this list that it means; of retired ones too.</summary>
    public ImmutableArray<SourcedCode> Mappings { get; }

    /// <summary>The entry of this code, retired or not.</summary>
    public bool TryGetCode(string code, [NotNullWhen(true)] out CodeEntry? entry) => _byCode.TryGetValue(code, out entry);

    /// <summary>What a source's code means here.</summary>
    public bool TryMap(string codeSystem, string sourceCode, [NotNullWhen(true)] out SourcedCode? mapped) =>
        _bySource.TryGetValue((codeSystem, sourceCode), out mapped);

    /// <summary>True when codes of this code system are mapped.</summary>
    public bool Maps(string codeSystem) => _systems.Contains(codeSystem);
}
