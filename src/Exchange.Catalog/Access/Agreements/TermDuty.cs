namespace Exchange.Catalog;

/// <summary>What terms are about; numbers as in the proto.</summary>
public enum TermDuty
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>To answer what the other side asks.</summary>
    Reply = 1,

    /// <summary>To correct what is wrong, and to tell the other side of it.</summary>
    Correct = 2,

    /// <summary>To delete what was read.</summary>
    Delete = 3,

    /// <summary>To hand nothing on.</summary>
    NoOnwardSharing = 4,

    /// <summary>To give evidence of what was done with it.</summary>
    Evidence = 5,

    /// <summary>As the text says.</summary>
    Other = 9,
}
