using System.Globalization;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Gives and checks national codes of resources (信息资源代码). A code that was ever given is not given again, also after its resource was revoked.</summary>
internal static class ResourceCodes
{
    // A chosen number leaves a gap at most so wide, so that numbers last.
    private const int WidestGap = 1_000;

    /// <summary>The next code of a category; null when it is not one of the national scheme from 目 on.</summary>
    internal static ResourceCode? Next(GovernanceState state, CategoryCode? category) =>
        category is { } given && TakesCodes(state, given)
            ? new ResourceCode(string.Create(CultureInfo.InvariantCulture, $"{given}/{LastSequence(state, given.Value) + 1}"))
            : null;

    /// <summary>Adds what is wrong with the code a draft asks for or keeps, and with its related codes.</summary>
    internal static void Check(GovernanceState state, ResourceDraft draft, List<FieldViolation> violations)
    {
        var current = state.LastResource(draft.Id)?.Description.Code;
        if ((draft.Description.Code ?? current) is { } code)
        {
            CheckOwn(state, draft, code, isGiven: code == current, violations);
        }

        HashSet<ResourceCode> seen = [];
        foreach (var (index, related) in draft.Description.RelatedCodes.Index())
        {
            if (!ResourceCode.IsValid(related.Value))
            {
                violations.Add(new($"resource.related_codes[{index}]", "INVALID_CODE", "must be a national code such as `301001/12`"));
            }
            else if (!seen.Add(related))
            {
                violations.Add(new($"resource.related_codes[{index}]", "DUPLICATE", $"`{related}` stands here twice"));
            }
        }
    }

    private static void CheckOwn(GovernanceState state, ResourceDraft draft, ResourceCode code, bool isGiven, List<FieldViolation> violations)
    {
        if (!ResourceCode.IsValid(code.Value))
        {
            violations.Add(new("resource.code", "INVALID_CODE", "must be digits of a national category from 目 on, `/` and a sequence number, such as `301001/12`; or leave it empty"));
        }
        else if (!isGiven && !TakesCodes(state, new CategoryCode(code.Digits)))
        {
            violations.Add(new("resource.code", "CATEGORY_NOT_FOUND", $"there is no national category `{code.Digits}`: define it first"));
        }
        else if (draft.Category is { } category && IsNational(state, category) && !code.Digits.StartsWith(category.Value, StringComparison.Ordinal))
        {
            violations.Add(isGiven
                ? new("resource.category", "CODE_IS_FOR_GOOD", $"its code is `{code}` for good: leave it in that category, or publish another resource")
                : new("resource.code", "OTHER_CATEGORY", $"its category is `{category}`: the code must begin with that, or leave it empty"));
        }
        else if (!isGiven && Given(state).FirstOrDefault(other => other.Description.Code == code) is { } taken)
        {
            violations.Add(new("resource.code", "TAKEN", $"`{code}` is the code of `{taken.Id}`: leave it empty to get the next one"));
        }
        else if (!isGiven && LastSequence(state, code.Digits) is var last && code.Sequence > last + WidestGap)
        {
            violations.Add(new("resource.code", "OUT_OF_RANGE", $"the last number of `{code.Digits}` is {last}: choose one up to {last + WidestGap}, or leave it empty to get the next one"));
        }
    }

    private static bool TakesCodes(GovernanceState state, CategoryCode category) => category.Value.Length >= NationalScheme.EntryLength && IsNational(state, category);

    // A tree of digits from before there was a check may be anything.
    private static bool IsNational(GovernanceState state, CategoryCode category)
    {
        var path = CategoryPath.Of(state, category).ToList();
        return path.Count > 0 && path.All(step => NationalScheme.IsCode(step.Code.Value) && NationalScheme.Follows(step.Code.Value, step.Parent?.Value));
    }

    private static int LastSequence(GovernanceState state, string digits) =>
        Given(state).Select(resource => resource.Description.Code!.Value).Where(code => code.Digits == digits).Select(code => code.Sequence).DefaultIfEmpty().Max();

    private static IEnumerable<ResourceDefinition> Given(GovernanceState state) =>
        state.Resources.Values.Concat(state.RevokedResources.Values).Where(resource => resource.Description.Code is not null);
}
