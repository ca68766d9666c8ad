using System.Collections.Immutable;

namespace Exchange.Catalog.Access;

/// <summary>Records in which the same department owns a field. The cases of a field exclude each other and cover every record.</summary>
/// <param name="Owner">The owner; null for everybody else: whoever no other case names.</param>
/// <param name="IsTold">True when the policy can tell the owner from others.</param>
/// <param name="Where">The records; the last case holds for all that no other does.</param>
/// <param name="Entry">What the owner's sharing list says of the field.</param>
/// <param name="Grants">Grants of the owner that count: active, for the caller, the field and the purpose.</param>
internal sealed record OwnerCase(DepartmentId? Owner, bool IsTold, Condition Where, SharingEntry Entry, ImmutableArray<Grant> Grants);
