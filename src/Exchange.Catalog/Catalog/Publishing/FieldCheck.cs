using System.Collections.Frozen;
using System.Collections.Immutable;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Checks one field of a draft; each method adds the violations of one aspect.</summary>
internal readonly struct FieldCheck(
    GovernanceState state, ImmutableArray<FieldDefinition> fields, FieldDefinition field, string path, List<FieldViolation> violations)
{
    internal void Add(string part, string reason, string message) => violations.Add(new($"{path}.{part}", reason, message));

    internal void Name(HashSet<string> seen, FrozenSet<string> reserved)
    {
        if (!FieldDefinition.IsValidName(field.Name))
        {
            Add("name", "INVALID_ID", "must be 1 to 40 of `a-z 0-9 _`, starting with a letter");
        }
        else if (reserved.Contains(field.Name))
        {
            Add("name", "RESERVED", $"`{field.Name}` is a word of the hub's own: choose another");
        }
        else if (!seen.Add(field.Name))
        {
            Add("name", "DUPLICATE", $"`{field.Name}` stands here twice");
        }

        Labels.Check(violations, path, field.DisplayName, field.DisplayNameZh, least: 0);
    }

    internal void Number(HashSet<int> seen, int largest)
    {
        if (field.Number < 1 || field.Number > largest)
        {
            Add("number", "OUT_OF_RANGE", $"must be 1 to {largest}");
        }
        else if (!seen.Add(field.Number))
        {
            Add("number", "DUPLICATE", $"number {field.Number} stands here twice");
        }
    }

    internal void Type()
    {
        if (!Enum.IsDefined(field.Type) || field.Type is FieldType.Unspecified)
        {
            Add("type", "REQUIRED", "give one of the field types");
            return;
        }

        switch (field.Type, field.CodeList)
        {
            case (FieldType.Code, null):
                Add("code_list", "REQUIRED", "a CODE field takes its codes from `codeLists/{code_list}`");
                break;
            case (FieldType.Code, { } list) when !state.CodeLists.ContainsKey(list.Value):
                Add("code_list", "CODE_LIST_NOT_FOUND", $"there is no code list `{list}`: publish it first");
                break;
            case (not FieldType.Code, not null):
                Add("code_list", "NOT_APPLICABLE", "only for CODE");
                break;
        }

        if (field.Type is FieldType.Text ? field.MaxLength is < 0 or > FieldDefinition.LongestText : field.MaxLength is not 0)
        {
            Add("max_length", "OUT_OF_RANGE", $"for TEXT 0 (the default) to {FieldDefinition.LongestText}, for others 0");
        }

        if (field.Searchable && field.Type is not FieldType.Text)
        {
            Add("searchable", "NOT_APPLICABLE", "only for TEXT");
        }

        if (field.Indexed && (field.Type is FieldType.TextList or FieldType.Point || field is { Type: FieldType.Text, MaxLength: 0 or > FieldDefinition.LongestIndexedText }))
        {
            Add("indexed", "NOT_APPLICABLE", $"not for TEXT_LIST and POINT, and for TEXT with a max_length of at most {FieldDefinition.LongestIndexedText}");
        }
    }

    internal void Owner()
    {
        switch (field.Owner)
        {
            case OwnerRule.Department { Id.Value: null or "" }:
                Add("owner", "REQUIRED", "say who owns the field: a department, the opener, or the department named in a field");
                break;
            case OwnerRule.Department { Id: var department } when !state.Departments.ContainsKey(department.Value):
                Add("owner.department", "DEPARTMENT_NOT_FOUND", $"there is no department `{department}`");
                break;
            case OwnerRule.DepartmentField { FieldName: var name }:
                OwnerField(name);
                break;
        }
    }

    internal void Classes()
    {
        if (!Enum.IsDefined(field.Level) || field.Level is Level.Unspecified)
        {
            Add("level", "REQUIRED", "give a level from 1 to 4");
        }

        if (!Enum.IsDefined(field.SharingClass) || field.SharingClass is SharingClass.Unspecified)
        {
            Add("sharing_class", "REQUIRED", "give UNCONDITIONAL, CONDITIONAL or NOT_SHARED");
        }

        if (!Enum.IsDefined(field.OpenClass) || field.OpenClass is OpenClass.Unspecified)
        {
            Add("open_class", "REQUIRED", "give UNCONDITIONAL, CONDITIONAL or NOT_OPEN");
        }

        SharingTermsRules.Check(field.SharingClass, field.OpenClass, field.Terms, Add);
        if (MaskRules.Check(field.Mask, field.Type) is { Message: var complaint })
        {
            Add("default_mask", "MASK_NOT_APPLICABLE", complaint);
        }

        if (!Enum.IsDefined(field.Role))
        {
            Add("role", "UNKNOWN_VALUE", "give one of the roles");
        }
        else if (field is { Role: FieldRole.ConfidentialityFlag, Type: not FieldType.Boolean })
        {
            Add("role", "NOT_APPLICABLE", "the confidentiality flag is a BOOLEAN");
        }

        if (field is { Required: true, Retired: true })
        {
            Add("required", "NOT_APPLICABLE", "a retired field is not written any more");
        }

        // Conditions of access plans read these fields, and events carry them unsealed for that.
        if (field.IsSealed && SteersAccess(fields, field))
        {
            Add("level", "STEERS_ACCESS", "a confidentiality flag or a field that names an owner has level 1 or 2, for rules must be able to read it");
        }
    }

    /// <summary>True for fields that access rules look into: the confidentiality flag and those that name owners.</summary>
    internal static bool SteersAccess(ImmutableArray<FieldDefinition> fields, FieldDefinition field) =>
        field.Role is FieldRole.ConfidentialityFlag
        || fields.Any(other => other.Owner is OwnerRule.DepartmentField rule && rule.FieldName == field.Name);

    private void OwnerField(string name)
    {
        var target = fields.FirstOrDefault(candidate => candidate.Name == name);
        if (target is null)
        {
            Add("owner.department_field", "UNKNOWN_FIELD", $"there is no field `{name}` in this resource");
        }
        else if (target.Type is not (FieldType.Code or FieldType.Text))
        {
            Add("owner.department_field", "WRONG_TYPE", $"`{name}` must be CODE or TEXT to name a department");
        }
        else if (target.Retired && !field.Retired)
        {
            Add("owner.department_field", "RETIRED_FIELD", $"`{name}` is retired and can name nobody new");
        }
        else if (IsCircular(target))
        {
            Add("owner.department_field", "CIRCULAR", "the chain of fields that name owners comes back here: nobody could ever write the first");
        }

        if (field.Required)
        {
            Add("required", "NOT_APPLICABLE", "the push that opens a record cannot write a field whose owner another field names");
        }
    }

    private bool IsCircular(FieldDefinition target)
    {
        for (var step = 0; step <= fields.Length; step++)
        {
            if (target.Name == field.Name)
            {
                return true;
            }

            if (target.Owner is not OwnerRule.DepartmentField next || fields.FirstOrDefault(candidate => candidate.Name == next.FieldName) is not { } following)
            {
                return false;
            }

            target = following;
        }

        return false;
    }
}
