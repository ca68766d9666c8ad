using System.Collections.Immutable;

namespace Exchange.Catalog;

/// <summary>Decides which codes of sources a code list maps to its own.</summary>
public static class CodeMappingRules
{
    /// <summary>Longest code of a source, in characters.</summary>
    public const int LongestSourceCode = 100;

    /// <summary>True when the text has the shape of a code system's id: 2 to 60 of `a-z 0-9 -`, starting with a letter.</summary>
    public static bool IsCodeSystem(string? text) => Syntax.IsId(text, 2, 60, "-");

    /// <summary>Adds everything that is wrong with the mappings of a list of these codes. One may lead to a retired code: then new values may not use it.</summary>
    internal static void Check(ImmutableArray<CodeEntry> codes, ImmutableArray<SourcedCode> mappings, List<FieldViolation> violations)
    {
        if (mappings.Length > CodeListRules.MostMappings)
        {
            // Nothing goes through a list that is too long.
            violations.Add(new("code_list.mappings", "TOO_MANY", $"at most {CodeListRules.MostMappings}"));
            return;
        }

        var known = codes.Select(entry => entry.Code).ToHashSet(StringComparer.Ordinal);
        HashSet<(string System, string Code)> seen = [];
        foreach (var (index, mapping) in mappings.Index())
        {
            var path = $"code_list.mappings[{index}]";
            if (!IsCodeSystem(mapping.CodeSystem))
            {
                violations.Add(new($"{path}.code_system", "INVALID_ID", "must be 2 to 60 of `a-z 0-9 -`, starting with a letter"));
            }

            if (!Syntax.IsLabel(mapping.SourceCode, 1, LongestSourceCode))
            {
                violations.Add(new($"{path}.source_code", "INVALID_TEXT", $"must be 1 to {LongestSourceCode} characters without control characters"));
            }
            else if (!seen.Add((mapping.CodeSystem, mapping.SourceCode)))
            {
                violations.Add(new($"{path}.source_code", "DUPLICATE", $"`{mapping.Source}` stands here twice"));
            }

            if (!known.Contains(mapping.Code))
            {
                violations.Add(new($"{path}.code", "CODE_NOT_FOUND", "is not among the list's codes: add it there, or map to one that is"));
            }
        }
    }
}
