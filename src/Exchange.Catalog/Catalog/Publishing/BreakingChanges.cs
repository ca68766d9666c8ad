namespace Exchange.Catalog;

/// <summary>What of a published definition a revision would break for those who push, read or hold stored events.</summary>
internal static class BreakingChanges
{
    internal static List<FieldViolation> Find(ResourceDefinition current, ResourceDefinition next)
    {
        List<FieldViolation> breaks = [];
        if (current.Description.IsMounted && !next.Description.IsMounted)
        {
            breaks.Add(new("sharing_mode", "MODE_CHANGED", "its records are in the hub: revoke the resource instead, and describe another"));
        }

        if (current.Description.Code is { } code && next.Description.Code != code)
        {
            breaks.Add(new("code", "CODE_CHANGED", $"is `{code}` for good: publish another resource"));
        }

        foreach (var field in current.Fields)
        {
            if (next.TryGetField(field.Number, out var successor))
            {
                Compare(field, successor, breaks);
            }
            else
            {
                breaks.Add(new(field.Name, "FIELD_REMOVED", $"number {field.Number} is missing: keep the field and set `retired`"));
            }
        }

        foreach (var field in next.Fields)
        {
            if (field.Required && !current.TryGetField(field.Number, out _))
            {
                breaks.Add(new(field.Name, "REQUIRED_ADDED", "pushes that open records today lack it: add it without `required`"));
            }
        }

        return breaks;
    }

    private static void Compare(FieldDefinition field, FieldDefinition successor, List<FieldViolation> breaks)
    {
        void Break(string reason, string message) => breaks.Add(new(field.Name, reason, message));

        if (successor.Name != field.Name)
        {
            Break("NUMBER_REUSED", $"number {field.Number} is `{field.Name}` for good: give `{successor.Name}` a number of its own");
        }

        if (successor.Type != field.Type)
        {
            Break("TYPE_CHANGED", $"is {field.Type} for good: add a field of the new type");
        }

        if (successor.Owner != field.Owner)
        {
            Break("OWNER_CHANGED", "the owner rule decides who may write what is stored: add a field with the new owner");
        }

        if (successor.CodeList != field.CodeList)
        {
            Break("CODE_LIST_CHANGED", $"takes its codes from `{field.CodeList}` for good: publish new codes there");
        }

        if (successor.MaxLength < field.MaxLength)
        {
            Break("LENGTH_REDUCED", $"holds texts of up to {field.MaxLength} characters already");
        }

        if (successor.Searchable && !field.Searchable)
        {
            Break("SEARCHABLE_ADDED", "texts stored before would not be found: add a searchable field");
        }

        if (successor.Required && !field.Required)
        {
            Break("REQUIRED_ADDED", "pushes that open records today may lack it");
        }

        if (field.Role is not FieldRole.Unspecified && successor.Role != field.Role)
        {
            Break("ROLE_CHANGED", "people rely on the protection of stored values");
        }
        else if (field.Role is FieldRole.Unspecified && successor.Role is FieldRole.ConfidentialityFlag)
        {
            Break("ROLE_CHANGED", "stored values were not meant as the confidentiality flag: add a field");
        }
    }
}
