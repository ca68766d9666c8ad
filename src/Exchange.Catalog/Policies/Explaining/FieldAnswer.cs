namespace Exchange.Catalog.Policies;

/// <summary>How a field is answered; numbers as in the proto.</summary>
public enum FieldAnswer
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>As it is.</summary>
    Shown = 1,

    /// <summary>Through one mask.</summary>
    Masked = 2,

    /// <summary>Not at all: denied, or through the mask that shows nothing.</summary>
    Withheld = 3,

    /// <summary>It depends on the record.</summary>
    ByRecord = 4,
}
