using System.Collections.Immutable;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides which resources and revisions are published.</summary>
public static class ResourceRules
{
    /// <summary>Most fields of one resource, retired ones too.</summary>
    public const int MostFields = 200;

    private const int LongestAbstract = 4_000;

    /// <summary>
    /// Publishes a resource or its next revision. Every bad field is told at once; a revision that would break what was
    /// published is refused with every reason; the same definition again changes nothing.
    /// </summary>
    public static Result<GovernanceDecision<ResourceDefinition>> Publish(GovernanceState state, ResourceDraft draft, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(draft);
        var current = state.LastResource(draft.Id);
        if (current is not null && state.Resources.ContainsKey(draft.Id.Value) && SaysAs(draft, current))
        {
            // Also where a rule came after it was published.
            return new GovernanceDecision<ResourceDefinition>(current, (GovernanceEvent?)null);
        }

        var violations = Check(state, draft);
        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        var code = draft.Description.Code ?? current?.Description.Code ?? ResourceCodes.Next(state, draft.Category);
        var next = draft.ToDefinition((current?.Revision ?? 0) + 1, draft.Fields.Select(FieldRules.Normalise), code, now);
        if (draft.Etag.Length > 0 && draft.Etag != (current?.Etag ?? ""))
        {
            return new Refusal(RefusalReason.StaleEtag, $"resource `{draft.Id}` was published by somebody else: read it again and retry")
            {
                Metadata = new Dictionary<string, string> { ["resource"] = draft.Id.Value },
            };
        }

        if (current is not null && BreakingChanges.Find(current, next) is { Count: > 0 } breaks)
        {
            return new Refusal(RefusalReason.BreakingChange, $"the revision breaks what is published of `{draft.Id}` in {breaks.Count} places: only add to it")
            {
                Metadata = new Dictionary<string, string> { ["resource"] = draft.Id.Value },
                Violations = breaks,
            };
        }

        return new GovernanceDecision<ResourceDefinition>(next, new GovernanceEvent.ResourcePublished(next));
    }

    /// <summary>
    /// As <see cref="Publish"/>, but a revoked resource does not come back by itself when an old file is published again, and what <see cref="FourEyes.RequireReview"/>
    /// tells is refused.
    /// </summary>
    public static Result<GovernanceDecision<ResourceDefinition>> PublishDirectly(GovernanceState state, ResourceDraft draft, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(draft);
        if (state.RevokedResources.ContainsKey(draft.Id.ToString()))
        {
            return CatalogDraftRules.WrongState(draft.Id, ResourceState.Revoked, "save a draft of it, which somebody else reviews");
        }

        var published = Publish(state, draft, now);
        return !published.IsRefused && FourEyes.RequireReview(state, published.Value.Value) is { } refusal ? refusal : published;
    }

    /// <summary>All that makes a draft no resource, whatever is published of it.</summary>
    internal static List<FieldViolation> Check(GovernanceState state, ResourceDraft draft)
    {
        List<FieldViolation> violations = [];
        CheckId(draft, violations);
        Labels.Check(violations, "resource", draft.DisplayName, draft.DisplayNameZh);
        if (string.IsNullOrWhiteSpace(draft.Abstract) || draft.Abstract.Length > LongestAbstract || draft.Abstract.Contains('\0', StringComparison.Ordinal))
        {
            violations.Add(InvalidAbstract);
        }

        CheckDepartment(state, draft, violations);
        if (draft.Category is { } category && !state.Categories.ContainsKey(category.Value))
        {
            violations.Add(new("resource.category", "CATEGORY_NOT_FOUND", $"there is no category `{category}`"));
        }

        if (!Enum.IsDefined(draft.UpdateCycle))
        {
            violations.Add(new("resource.update_cycle", "UNKNOWN_VALUE", "give one of the update cycles"));
        }

        if (draft.Fields.Length is 0)
        {
            violations.Add(new("resource.fields", "COUNT", $"give 1 to {MostFields} fields"));
        }

        var before = violations.Count;
        CheckCounts(draft, violations);
        if (violations.Count > before)
        {
            // Nothing goes through a list that is too long.
            return violations;
        }

        ResourceCodes.Check(state, draft, violations);
        DescriptionRules.Check(state, draft, violations);
        FieldRules.Check(state, draft.Fields, violations);
        return violations;
    }

    /// <summary>True when nothing of the resource is different but its fields.</summary>
    internal static bool IsSameBesidesFields(ResourceDefinition current, ResourceDefinition next) =>
        (current.DisplayName, current.DisplayNameZh, current.Abstract, current.Department, current.Category, current.UpdateCycle, current.Description)
            == (next.DisplayName, next.DisplayNameZh, next.Abstract, next.Department, next.Category, next.UpdateCycle, next.Description);

    /// <summary>What even a draft must be: somebody's, under an id, and no larger than a resource.</summary>
    internal static List<FieldViolation> CheckDraft(GovernanceState state, ResourceDraft draft)
    {
        List<FieldViolation> violations = [];
        CheckId(draft, violations);
        CheckDepartment(state, draft, violations);
        if (draft.Abstract.Length > LongestAbstract)
        {
            violations.Add(InvalidAbstract);
        }

        CheckCounts(draft, violations);
        return violations;
    }

    private static FieldViolation InvalidAbstract { get; } = new("resource.abstract", "INVALID_TEXT", $"say in 1 to {LongestAbstract} characters what the resource holds");

    private static void CheckId(ResourceDraft draft, List<FieldViolation> violations)
    {
        if (!ResourceId.IsValid(draft.Id.Value))
        {
            violations.Add(new("resource.name", "INVALID_ID", "must be `resources/{resource}` with an id of 2 to 40 of `a-z 0-9 _`, starting with a letter"));
        }
    }

    private static void CheckDepartment(GovernanceState state, ResourceDraft draft, List<FieldViolation> violations)
    {
        if (!state.Departments.ContainsKey(draft.Department.Value))
        {
            violations.Add(new("resource.department", "DEPARTMENT_NOT_FOUND", $"there is no department `{draft.Department}`"));
        }
    }

    private static void CheckCounts(ResourceDraft draft, List<FieldViolation> violations)
    {
        Check("fields", draft.Fields.Length, MostFields);
        Check("related_codes", draft.Description.RelatedCodes.Count, DescriptionRules.MostRelatedCodes);
        Check("platform_modes", draft.Description.PlatformModes.Count, DescriptionRules.MostPlatformModes);
        foreach (var (index, field) in draft.Fields.Index().Take(MostFields))
        {
            Check($"fields[{index}].quality_rules", field.QualityRules.Count, QualityRules.MostOfField);
        }

        if (draft.Fields.Sum(field => field.QualityRules.Count) > QualityRules.MostOfResource)
        {
            violations.Add(new("resource.fields", "TOO_MANY", $"at most {QualityRules.MostOfResource} quality rules together"));
        }

        void Check(string part, int count, int most)
        {
            if (count > most)
            {
                violations.Add(new($"resource.{part}", "TOO_MANY", $"at most {most}"));
            }
        }
    }

    // A code that is not given stays.
    private static bool SaysAs(ResourceDraft draft, ResourceDefinition current) =>
        draft.Fields.Length == current.Fields.Length
        && draft.Fields.OrderBy(field => field.Number).Select(FieldRules.Normalise).SequenceEqual(current.Fields)
        && IsSameBesidesFields(current, draft.ToDefinition(current.Revision, [], draft.Description.Code ?? current.Description.Code, current.PublishTime));
}
