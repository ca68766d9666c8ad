using Exchange.Policy.Conditions;

namespace Exchange.Policy.Masks;

/// <summary>Puts a mask on one value. A missing value stays missing.</summary>
public delegate FieldValue MaskDelegate(in FieldValue value);
