using System.Collections.Immutable;
using Exchange.Catalog.Policies;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Access;

/// <summary>
/// Asks the policy about a field of one owner's records and puts what matches in order: forbids, then permits, those that hide
/// nothing first. The conditions do not name the owner.
/// </summary>
internal sealed class CaseCompiler(
    HubPolicy policy, CallerAttributes caller, ResourceDefinition resource, PolicyAction action, ContextAttributes context)
{
    private readonly Dictionary<string, Condition?> _filters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Condition?> _grantFilters = new(StringComparer.Ordinal);

    private readonly bool _tellsFields = policy.DistinctionsIn(resource, caller, action).Any(row => row.IsEveryField);
    private readonly Dictionary<int, bool> _told = [];
    private readonly Dictionary<Question, HubMatches> _matches = [];
    private readonly Dictionary<(Question, Mask, FieldType), ImmutableArray<PlanRule>> _ungranted = [];

    /// <summary>
    /// The rules of the records that a grant covers, or of those that none does; a row that fails denies them all. What no rule
    /// decides is denied.
    /// </summary>
    public ImmutableArray<PlanRule> Compile(FieldDefinition field, OwnerCase one, bool isGranted)
    {
        var question = new Question(IsTold(field) ? field.Number : 0, field.Role is FieldRole.Person, one.IsTold ? one.Owner : null, one.Entry.Level, one.Entry.SharingClass, one.Entry.OpenClass, isGranted);
        if (isGranted)
        {
            return Compile(field, one, Matching(question, field, one));
        }

        // Where no grant counts, only the owner's mask and the type of the field come to what matches.
        if (!_ungranted.TryGetValue((question, one.Entry.Mask, field.Type), out var rules))
        {
            _ungranted[(question, one.Entry.Mask, field.Type)] = rules = Compile(field, one, Matching(question, field, one));
        }

        return rules;
    }

    private ImmutableArray<PlanRule> Compile(FieldDefinition field, OwnerCase one, HubMatches found)
    {
        if (found.FailedRow is { } failed)
        {
            return [Failed(failed)];
        }

        List<PlanRule> forbids = [];
        List<(PlanRule Rule, PermitOrder Order)> permits = [];
        foreach (var row in found.Rows)
        {
            if (FilterOf(row) is not { } filter)
            {
                return [Failed(row.Id)];
            }

            if (row.Effect is RuleEffect.Deny)
            {
                forbids.Add(new(filter, RuleEffect.Deny, default, [row.Id.Value], BaseRules.ReasonOf(row)));
            }
            else if (row.Id.Value is BaseRules.ConditionalGrant)
            {
                permits.AddRange(one.Grants.Select(grant => Granted(row, grant, filter, one.Entry)));
            }
            else
            {
                var mask = row.Mask.Or(one.Entry.Mask).Or(Mask.None);
                if (MaskRules.Check(mask, field.Type) is not null)
                {
                    return [Failed(row.Id)];
                }

                permits.Add((new(filter, RuleEffect.Allow, mask, [row.Id.Value], BaseRules.ReasonOf(row)), PermitOrder.Of(mask, row)));
            }
        }

        return [.. forbids, .. permits.OrderBy(permit => permit.Order).Select(permit => permit.Rule)];
    }

    /// <summary>The rows that a grant covers; null when its filter cannot be read.</summary>
    public Condition? FilterOf(Grant grant)
    {
        if (!_grantFilters.TryGetValue(grant.Id.Value, out var filter))
        {
            _grantFilters[grant.Id.Value] = filter = ConditionParser.Parse(grant.RowFilter, new RowFilterSchema(resource)).Condition;
        }

        return filter;
    }

    // Owners and fields that the policy cannot tell apart are asked about once.
    private HubMatches Matching(Question question, FieldDefinition field, OwnerCase one)
    {
        if (!_matches.TryGetValue(question, out var found))
        {
            var target = new ObjectAttributes(resource, field) { Owner = one.Owner, Entry = one.Entry, IsGranted = question.IsGranted };
            _matches[question] = found = policy.Matching(caller, target, action, context);
        }

        return found;
    }

    private bool IsTold(FieldDefinition field)
    {
        if (!_told.TryGetValue(field.Number, out var isTold))
        {
            _told[field.Number] = isTold = _tellsFields || !policy.DistinctionsIn(resource, field, caller, action).IsEmpty;
        }

        return isTold;
    }

    private Condition? FilterOf(PolicyRow row)
    {
        if (row.RowFilter.Length is 0)
        {
            return Condition.Always;
        }

        if (!_filters.TryGetValue(row.Id.Value, out var filter))
        {
            _filters[row.Id.Value] = filter = ConditionParser.Parse(row.RowFilter, new PolicyFilterSchema(resource, caller)).Condition;
        }

        return filter;
    }

    private (PlanRule Rule, PermitOrder Order) Granted(PolicyRow row, Grant grant, Condition filter, SharingEntry entry)
    {
        var mask = grant.Mask.Or(entry.Mask).Or(Mask.None);
        var rule = new PlanRule(
            ConditionForm.AllOf(filter, FilterOf(grant) ?? Condition.Never), RuleEffect.Allow, mask, [row.Id.Value, grant.Name], BaseRules.ReasonOf(row));
        return (rule, PermitOrder.Of(mask, row, grant));
    }

    // All that the policy can tell apart; field 0 is any of those that it cannot.
    private readonly record struct Question(int Field, bool IsPerson, DepartmentId? Owner, Level Level, SharingClass SharingClass, OpenClass OpenClass, bool IsGranted);

    private static PlanRule Failed(PolicyRowId row) => new(Condition.Always, RuleEffect.Deny, default, [row.Value], PlanReason.RuleFailed);
}
