namespace Exchange.Catalog;

/// <summary>One named, typed, numbered item of a resource (信息项).</summary>
public sealed record FieldDefinition
{
    /// <summary>Longest text of any field.</summary>
    public const int LongestText = 1_048_576;

    /// <summary>Length of a text field that states none.</summary>
    public const int DefaultTextLength = 4_000;

    /// <summary>Longest text of an indexed field: four bytes a character must fit into an entry of an index.</summary>
    public const int LongestIndexedText = 500;

    /// <summary>Name, 1 to 40 of `a-z 0-9 _`, starting with a letter; unique in the resource.</summary>
    public required string Name { get; init; }

    /// <summary>Number, 1 to 9 999, never changed or reused.</summary>
    public required int Number { get; init; }

    /// <summary>Type; never changes.</summary>
    public required FieldType Type { get; init; }

    /// <summary>English name.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>Chinese name.</summary>
    public string DisplayNameZh { get; init; } = "";

    /// <summary>Who owns the field of a record.</summary>
    public required OwnerRule Owner { get; init; }

    /// <summary>Sensitivity, unless the owner's sharing list says otherwise.</summary>
    public required Level Level { get; init; }

    /// <summary>With whom it is shared inside government, unless the owner's sharing list says otherwise.</summary>
    public required SharingClass SharingClass { get; init; }

    /// <summary>Whether it may be opened, unless the owner's sharing list says otherwise.</summary>
    public required OpenClass OpenClass { get; init; }

    /// <summary>Conditions and basis of its classes, unless the owner's sharing list says otherwise.</summary>
    public SharingTerms Terms { get; init; } = SharingTerms.None;

    /// <summary>For CODE: the list its codes are from; null for the other types.</summary>
    public CodeListId? CodeList { get; init; }

    /// <summary>For TEXT: at most so many characters (Unicode code points); 0 for the other types.</summary>
    public int MaxLength { get; init; }

    /// <summary>For TEXT: found by `:` in filters.</summary>
    public bool Searchable { get; init; }

    /// <summary>Comparisons with it in filters find their records by an index.</summary>
    public bool Indexed { get; init; }

    /// <summary>What the field means to the access rules.</summary>
    public FieldRole Role { get; init; }

    /// <summary>Mask a permitted reader who is not the owner gets, unless the owner's sharing list says otherwise.</summary>
    public Mask Mask { get; init; }

    /// <summary>Must be there in the push that opens a record.</summary>
    public bool Required { get; init; }

    /// <summary>No longer written; kept so that its number is never reused.</summary>
    public bool Retired { get; init; }

    /// <summary>What its values should be like: measured, never enforced.</summary>
    public ValueList<QualityRule> QualityRules { get; init; }

    /// <summary>True when its values are sealed in the log: levels 3 and 4.</summary>
    public bool IsSealed => Level is Level.Sensitive or Level.HighlySensitive;

    /// <summary>True when the text has a field name's shape.</summary>
    public static bool IsValidName(string? text) => Syntax.IsId(text, 1, 40, "_");
}
