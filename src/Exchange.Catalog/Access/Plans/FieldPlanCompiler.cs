using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Policy.Decisions;

namespace Exchange.Catalog.Access;

/// <summary>
/// Compiles the base rules for one field after the other. Owners exclude each other, so only this order matters:
/// confidentiality, the owner itself, grants, what owners with an entry of their own say, the resource's default.
/// </summary>
internal sealed class FieldPlanCompiler(
    GovernanceState state, DepartmentId caller, ResourceDefinition resource, Purpose purpose, ImmutableArray<Grant> grants)
{
    /// <summary>The earliest end of a grant used so far.</summary>
    public DateTimeOffset? ExpireTime { get; private set; }

    /// <summary>Compiles a field. A rule that fails denies the field in every row.</summary>
    public FieldPlan Compile(FieldDefinition field)
    {
        var grantsOfField = grants.Where(grant => grant.Fields.Contains(field.Name)).ToList();
        var rules = new RuleList();
        if (TryAddRules(field, grantsOfField, rules) is { } failed)
        {
            rules = new RuleList();
            rules.Add(Deny(Condition.Always, failed, PlanReason.RuleFailed), []);
            RelyOn(grantsOfField); // whichever of them failed, it ends
        }

        RelyOn(grantsOfField.Where(rules.Uses));
        return new(field, rules.ToImmutable(), NextSteps.Write(field, purpose, rules.Denials()));
    }

    private void RelyOn(IEnumerable<Grant> used)
    {
        foreach (var grant in used)
        {
            ExpireTime = ExpireTime is null || grant.ExpireTime < ExpireTime ? grant.ExpireTime : ExpireTime;
        }
    }

    // Returns the id of the rule that failed.
    private string? TryAddRules(FieldDefinition field, List<Grant> grantsOfField, RuleList rules)
    {
        if (OwnerAttribute(field) is null && field.Owner is not OwnerRule.Department)
        {
            return BaseRules.OwnerReadsOwn;
        }

        AddConfidentiality(field, rules);
        rules.Add(OwnerIs(field, caller), Effect.Allow, Mask.None, [BaseRules.OwnerReadsOwn], PlanReason.Owner);
        var owners = state.SharingLists.Keys.Where(key => key.Resource == resource.Id).Select(key => key.Department)
            .Concat(grantsOfField.Select(grant => grant.Owner))
            .Where(owner => owner != caller && OwnerIs(field, owner) is not Condition.False)
            .Distinct()
            .Select(owner => (Owner: owner, Entry: state.SharingOf(owner, resource.Id, field)))
            .OrderBy(owner => owner.Entry.SharingClass)
            .ThenBy(owner => owner.Entry.Mask.Or(Mask.None).ToString(), StringComparer.Ordinal)
            .ThenBy(owner => owner.Owner.Value, StringComparer.Ordinal)
            .ToList();
        foreach (var (owner, entry) in owners.Where(owner => owner.Entry.SharingClass is SharingClass.Conditional or SharingClass.Unconditional))
        {
            // Where several grants cover a row, the one that hides nothing is heeded.
            var ordered = grantsOfField.Where(grant => grant.Owner == owner)
                .OrderBy(grant => grant.Mask.Or(entry.Mask).Hides)
                .ThenBy(grant => grant.Id.Value, StringComparer.Ordinal);
            foreach (var grant in ordered)
            {
                if (!TryAddGrant(field, grant, entry, rules))
                {
                    return RuleList.NameOf(grant);
                }
            }
        }

        var byDefault = new SharingEntry
        {
            FieldNumber = field.Number,
            Level = field.Level,
            SharingClass = field.SharingClass,
            OpenClass = field.OpenClass,
            Mask = field.Mask,
        };
        foreach (var (owner, entry) in owners.Where(owner =>
            (owner.Entry.SharingClass, owner.Entry.Mask.Or(Mask.None)) != (field.SharingClass, field.Mask.Or(Mask.None))))
        {
            if (!TryAddClass(field, OwnerIs(field, owner), entry, rules, [owner]))
            {
                return RuleOf(entry.SharingClass);
            }
        }

        return TryAddClass(field, Condition.Always, byDefault, rules, []) ? null : RuleOf(byDefault.SharingClass);
    }

    // A retired flag still tells what it told.
    private void AddConfidentiality(FieldDefinition field, RuleList rules)
    {
        if (field.Role is not FieldRole.Person)
        {
            return;
        }

        var isConfidential = ConditionForm.AnyOf([.. resource.Fields
            .Where(candidate => candidate is { Role: FieldRole.ConfidentialityFlag, Type: FieldType.Boolean })
            .Select(flag => new Condition.Compare(Attribute(flag), CompareOp.Equal, FieldValue.Boolean(true)))]);
        var isOther = ConditionForm.Negate(ConditionForm.IsText(SystemAttributes.Opener, caller.Value));
        rules.Add(Deny(ConditionForm.AllOf(isConfidential, isOther), BaseRules.ConfidentialPerson, PlanReason.Confidential), []);
    }

    private bool TryAddGrant(FieldDefinition field, Grant grant, SharingEntry entry, RuleList rules)
    {
        var filter = ConditionParser.Parse(grant.RowFilter, new RowFilterSchema(resource));
        var mask = grant.Mask.Or(entry.Mask).Or(Mask.None);
        if (!filter.IsValid || MaskRules.Check(mask, field.Type) is not null)
        {
            return false;
        }

        var where = ConditionForm.AllOf(OwnerIs(field, grant.Owner), filter.Condition);
        rules.Add(where, Effect.Allow, mask, [BaseRules.ConditionalGrant, RuleList.NameOf(grant)], PlanReason.Granted);
        return true;
    }

    private static bool TryAddClass(FieldDefinition field, Condition where, SharingEntry entry, RuleList rules, ImmutableArray<DepartmentId> owners)
    {
        var mask = entry.Mask.Or(Mask.None);
        switch (entry.SharingClass)
        {
            case SharingClass.Unconditional when MaskRules.Check(mask, field.Type) is not null:
                return false;
            case SharingClass.Unconditional:
                rules.Add(where, Effect.Allow, mask, [BaseRules.Unconditional], PlanReason.Unconditional);
                return true;
            case SharingClass.Conditional:
                rules.Add(Deny(where, BaseRules.ConditionalGrant, PlanReason.GrantRequired), owners);
                return true;
            case SharingClass.NotShared:
                rules.Add(Deny(where, BaseRules.NotShared, PlanReason.NotShared), owners);
                return true;
            default:
                rules.Add(Deny(where, BaseRules.DefaultDeny, PlanReason.DefaultDeny), owners);
                return true;
        }
    }

    private static PlanRule Deny(Condition where, string ruleId, string reason) => new(where, Effect.Deny, default, [ruleId], reason);

    private static string RuleOf(SharingClass sharingClass) => sharingClass switch
    {
        SharingClass.Unconditional => BaseRules.Unconditional,
        SharingClass.Conditional => BaseRules.ConditionalGrant,
        SharingClass.NotShared => BaseRules.NotShared,
        _ => BaseRules.DefaultDeny,
    };

    private Condition OwnerIs(FieldDefinition field, DepartmentId department) => field.Owner switch
    {
        OwnerRule.Department fixedOwner => fixedOwner.Id == department ? Condition.Always : Condition.Never,
        _ => ConditionForm.IsText(OwnerAttribute(field)!.Value, department.Value),
    };

    private AttributeRef? OwnerAttribute(FieldDefinition field) => field.Owner switch
    {
        OwnerRule.Opener => SystemAttributes.Opener,
        OwnerRule.DepartmentField named when resource.TryGetField(named.FieldName, out var holder) && holder.Type is FieldType.Text or FieldType.Code => Attribute(holder),
        _ => null,
    };

    private static AttributeRef Attribute(FieldDefinition field) => new(field.Name, field.Number, field.Type);
}
