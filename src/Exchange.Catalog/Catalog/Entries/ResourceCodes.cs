using System.Globalization;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Gives and checks national codes of resources (信息资源代码). A code that was ever given is not given again, also after its resource was revoked.</summary>
internal static class ResourceCodes
{
    /// <summary>The next code of a category; null when it is not one of the national scheme from 目 on.</summary>
    internal static ResourceCode? Next(GovernanceState state, CategoryCode? category) =>
        category is { } given && TakesCodes(given)
            ? new ResourceCode(string.Create(CultureInfo.InvariantCulture, $"{given}/{Given(state).Where(code => code.Digits == given.Value).Select(code => code.Sequence).DefaultIfEmpty().Max() + 1}"))
            : null;

    /// <summary>Adds what is wrong with the code a draft asks for, and with its related codes.</summary>
    internal static void Check(GovernanceState state, ResourceDraft draft, List<FieldViolation> violations)
    {
        if (draft.Description.Code is { } code)
        {
            CheckOwn(state, draft, code, violations);
        }

        foreach (var (index, related) in draft.Description.RelatedCodes.Index())
        {
            if (!ResourceCode.IsValid(related.Value))
            {
                violations.Add(new($"resource.related_codes[{index}]", "INVALID_CODE", "must be a national code such as `301001/12`"));
            }
            else if (draft.Description.RelatedCodes.Take(index).Contains(related))
            {
                violations.Add(new($"resource.related_codes[{index}]", "DUPLICATE", $"`{related}` stands here twice"));
            }
        }
    }

    private static void CheckOwn(GovernanceState state, ResourceDraft draft, ResourceCode code, List<FieldViolation> violations)
    {
        if (!ResourceCode.IsValid(code.Value))
        {
            violations.Add(new("resource.code", "INVALID_CODE", "must be digits of a national category from 目 on, `/` and a sequence number, such as `301001/12`; or leave it empty"));
        }
        else if (!state.Categories.ContainsKey(code.Digits))
        {
            violations.Add(new("resource.code", "CATEGORY_NOT_FOUND", $"there is no category `{code.Digits}`: define it first"));
        }
        else if (draft.Category is { } category && NationalScheme.IsClaimed(category.Value) && category.Value != code.Digits)
        {
            violations.Add(new("resource.code", "OTHER_CATEGORY", $"its category is `{category}`: the code must begin with that"));
        }
        else if (state.Resources.Values.Concat(state.RevokedResources.Values).FirstOrDefault(other => other.Description.Code == code && other.Id != draft.Id) is { } taken)
        {
            violations.Add(new("resource.code", "TAKEN", $"`{code}` is the code of `{taken.Id}`: leave it empty to get the next one"));
        }
    }

    private static bool TakesCodes(CategoryCode category) => NationalScheme.IsCode(category.Value) && category.Value.Length >= NationalScheme.EntryLength;

    private static IEnumerable<ResourceCode> Given(GovernanceState state) =>
        state.Resources.Values.Concat(state.RevokedResources.Values).Select(resource => resource.Description.Code).OfType<ResourceCode>();
}
