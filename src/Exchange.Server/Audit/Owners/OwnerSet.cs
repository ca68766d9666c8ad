namespace Exchange.Server.Audit;

/// <summary>Who owned shown fields of one row: for each rule of <see cref="RowOwners"/> a department's number, packed.</summary>
internal readonly record struct OwnerSet(ulong Packed)
{
    /// <summary>Rules that there is room for.</summary>
    public const int MostRules = 3;

    private const int Bits = 21;
    private const ulong Mask = (1UL << Bits) - 1;

    /// <summary>The set with a department for a rule that had none.</summary>
    public OwnerSet With(int rule, int number) => new(Packed | (((ulong)number & Mask) << (rule * Bits)));

    /// <summary>The department of a rule; <see cref="OwnerNumbers.Nobody"/> where it has none.</summary>
    public int NumberOf(int rule) => (int)((Packed >> (rule * Bits)) & Mask);
}
