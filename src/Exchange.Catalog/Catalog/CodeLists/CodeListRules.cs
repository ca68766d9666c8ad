using System.Collections.Immutable;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides which versions of code lists are published.</summary>
public static class CodeListRules
{
    /// <summary>Most codes of one list.</summary>
    public const int MostCodes = 10_000;

    /// <summary>Longest code, in characters.</summary>
    public const int LongestCode = 100;

    /// <summary>Most mappings of one list.</summary>
    public const int MostMappings = 10_000;

    /// <summary>
    /// Publishes a version. A code once published stays: retire it instead of leaving it out. A mapping may change and go: the source's code stands
    /// beside what it was mapped to. The same again changes nothing.
    /// </summary>
    /// <param name="state">The state.</param>
    /// <param name="id">The list.</param>
    /// <param name="codes">All its codes.</param>
    /// <param name="mappings">All mappings of sources' codes; null keeps those that are there.</param>
    public static Result<GovernanceDecision<CodeList>> Publish(
        GovernanceState state, CodeListId id, ImmutableArray<CodeEntry> codes, ImmutableArray<SourcedCode>? mappings = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        var violations = Check(id, codes);
        CodeMappingRules.Check(codes, mappings ?? [], violations);
        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        var current = state.CodeLists.GetValueOrDefault(id.Value);
        var wanted = mappings ?? current?.Mappings ?? [];
        if (current is not null && current.Codes.AsSpan().SequenceEqual(codes.AsSpan()) && current.Mappings.AsSpan().SequenceEqual(wanted.AsSpan()))
        {
            return new GovernanceDecision<CodeList>(current, null);
        }

        var published = new CodeList(id, (current?.Version ?? 0) + 1, codes, wanted);
        string[] missing = [.. (current?.Codes ?? []).Select(entry => entry.Code).Where(code => !published.TryGetCode(code, out _))];
        if (missing is not [])
        {
            return new Refusal(RefusalReason.CodeRemoved, $"{missing.Length} published codes of `{id}` are missing: keep them and set `retired`")
            {
                Metadata = new Dictionary<string, string> { ["code_list"] = id.Value },
                Violations = [.. missing.Select(code => new FieldViolation("code_list.codes", "CODE_REMOVED", $"`{code}` is missing"))],
            };
        }

        return new GovernanceDecision<CodeList>(published, new GovernanceEvent.CodeListPublished(published));
    }

    private static List<FieldViolation> Check(CodeListId id, ImmutableArray<CodeEntry> codes)
    {
        List<FieldViolation> violations = [];
        if (!CodeListId.IsValid(id.Value))
        {
            violations.Add(new("code_list.name", "INVALID_ID", "must be `codeLists/{code_list}` with an id of 2 to 60 of `a-z 0-9 -`, starting with a letter"));
        }

        if (codes.Length is 0 or > MostCodes)
        {
            violations.Add(new("code_list.codes", "COUNT", $"give 1 to {MostCodes} codes"));
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (index, entry) in codes.Index())
        {
            var path = $"code_list.codes[{index}]";
            if (!Syntax.IsLabel(entry.Code, 1, LongestCode))
            {
                violations.Add(new($"{path}.code", "INVALID_TEXT", $"must be 1 to {LongestCode} characters without control characters"));
            }
            else if (!seen.Add(entry.Code))
            {
                violations.Add(new($"{path}.code", "DUPLICATE", $"`{entry.Code}` stands here twice"));
            }

            Labels.Check(violations, path, entry.DisplayName, entry.DisplayNameZh, least: 0);
        }

        return violations;
    }
}
