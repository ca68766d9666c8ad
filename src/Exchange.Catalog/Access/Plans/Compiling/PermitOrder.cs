namespace Exchange.Catalog.Access;

/// <summary>
/// Which of several permits is heeded: one that hides nothing; then the base rows', grants by id; then by mask and id.
/// </summary>
internal readonly record struct PermitOrder(bool Hides, bool IsSet, MaskKind Kind, int Parameter, string Id) : IComparable<PermitOrder>
{
    /// <summary>The place of a row's permit, or of a grant's.</summary>
    public static PermitOrder Of(Mask mask, PolicyRow row, Grant? grant = null) => row.Id.IsBase
        ? new(mask.Hides, false, default, 0, grant?.Id.Value ?? "")
        : new(mask.Hides, true, mask.Kind, mask.Parameter, row.Id.Value);

    /// <inheritdoc/>
    public int CompareTo(PermitOrder other)
    {
        var order = (Hides, IsSet, Kind, Parameter).CompareTo((other.Hides, other.IsSet, other.Kind, other.Parameter));
        return order is not 0 ? order : string.CompareOrdinal(Id, other.Id);
    }
}
