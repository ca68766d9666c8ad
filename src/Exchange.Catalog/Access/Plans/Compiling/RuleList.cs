using System.Collections.Immutable;
using Exchange.Policy.Language;

namespace Exchange.Catalog.Access;

/// <summary>
/// Rules of a field in the making. A rule that decides as the one before it is joined with it; rules that cannot be reached
/// are left out.
/// </summary>
internal sealed class RuleList
{
    private readonly List<(PlanRule Rule, ImmutableArray<DepartmentId> Owners)> _rules = [];
    private bool _isComplete;

    /// <summary>Adds a rule about these owners; none means whoever else owns the field.</summary>
    public void Add(PlanRule rule, ImmutableArray<DepartmentId> owners)
    {
        if (_isComplete || rule.Condition is Condition.False)
        {
            return;
        }

        if (_rules is [.., var last] && last.Rule.HasOutcomeOf(rule))
        {
            var joined = last.Rule with { Condition = ConditionForm.AnyOf(last.Rule.Condition, rule.Condition) };
            _rules[^1] = (joined, owners.IsEmpty ? [] : last.Owners.AddRange(owners));
        }
        else
        {
            _rules.Add((rule, owners));
        }

        _isComplete = _rules[^1].Rule.Condition is Condition.True;
    }

    /// <summary>True when some row may be decided by the grant.</summary>
    public bool Uses(Grant grant) => _rules.Exists(item => item.Rule.RuleIds.Contains(grant.Name));

    /// <summary>The rules that deny, with the owners they are about.</summary>
    public IEnumerable<(PlanRule Rule, ImmutableArray<DepartmentId> Owners)> Denials() => _rules.Where(item => !item.Rule.IsAllow);

    /// <summary>The rules.</summary>
    public ImmutableArray<PlanRule> ToImmutable() => [.. _rules.Select(item => item.Rule)];
}
