namespace Exchange.Policy.Masks;

/// <summary>Why a mask cannot be defined, with a stable UPPER_SNAKE reason.</summary>
public sealed record MaskProblem(string Reason, string Message)
{
    /// <summary>The hub does not offer this kind.</summary>
    public const string NotOffered = "MASK_NOT_OFFERED";

    /// <summary>The parameter is outside its bounds.</summary>
    public const string BadParameter = "MASK_PARAMETER";

    /// <summary>The kind cannot be put on values of this type.</summary>
    public const string WrongType = "MASK_TYPE";
}
