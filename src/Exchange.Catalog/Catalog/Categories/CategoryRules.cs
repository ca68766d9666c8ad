using System.Collections.Immutable;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides what the tree of categories looks like.</summary>
public static class CategoryRules
{
    /// <summary>Most categories in one request.</summary>
    public const int MostCategories = 2_000;

    /// <summary>
    /// Adds categories or changes their display names, parents first. Nothing is stored when one is bad. The value is
    /// what was added or changed.
    /// </summary>
    public static Result<GovernanceDecision<ImmutableArray<Category>>> Define(GovernanceState state, IReadOnlyList<Category> categories)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(categories);
        if (categories.Count is 0 or > MostCategories)
        {
            return Refusal.Invalid("categories", "COUNT", $"give 1 to {MostCategories} categories");
        }

        List<FieldViolation> violations = [];
        HashSet<CategoryCode> seen = [];
        foreach (var (index, category) in categories.Index())
        {
            Check(state, category, seen, $"categories[{index}]", violations);
            seen.Add(category.Code);
        }

        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        ImmutableArray<Category> changed = [.. categories.Where(category => category != state.Categories.GetValueOrDefault(category.Code.Value))];
        return new GovernanceDecision<ImmutableArray<Category>>(changed, changed is [] ? null : new GovernanceEvent.CategoriesDefined(changed));
    }

    private static void Check(GovernanceState state, Category category, HashSet<CategoryCode> seen, string path, List<FieldViolation> violations)
    {
        if (!CategoryCode.IsValid(category.Code.Value))
        {
            violations.Add(new($"{path}.name", "INVALID_ID", "must be `categories/{code}` with a code of 1 to 60 of `a-z A-Z 0-9 . -`"));
        }
        else if (seen.Contains(category.Code))
        {
            violations.Add(new($"{path}.name", "DUPLICATE", $"`{category.Code}` stands here twice"));
        }
        else if (state.Categories.TryGetValue(category.Code.Value, out var current) && current.Parent != category.Parent)
        {
            violations.Add(new($"{path}.parent", "PARENT_CHANGED", $"`{category.Code}` cannot move in the tree: define a new code there"));
        }

        else if (!state.Categories.ContainsKey(category.Code.Value) && NationalScheme.IsClaimed(category.Code.Value)
            && !(NationalScheme.IsCode(category.Code.Value) && NationalScheme.Follows(category.Code.Value, category.Parent?.Value)))
        {
            violations.Add(new($"{path}.name", "NOT_NATIONAL", "a code of digits only is the national scheme's: 1 digit from 1 to 3 for 类, 3 for 项, 6 for 目, more for 细目, each under the code it begins with; the city's own codes have a letter, dot or dash"));
        }

        Labels.Check(violations, path, category.DisplayName, category.DisplayNameZh);
        if (category.Parent is { } parent && !seen.Contains(parent) && !state.Categories.ContainsKey(parent.Value))
        {
            violations.Add(new($"{path}.parent", "CATEGORY_NOT_FOUND", $"`{parent}` must be defined before its children"));
        }
    }
}
