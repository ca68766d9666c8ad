namespace Exchange.Policy.Conditions;

/// <summary>
/// A record as conditions read it. Implement it as a struct: evaluation is generic over it and allocates nothing.
/// </summary>
public interface IRow
{
    /// <summary>
    /// Value of the field (or, when negative, system attribute) of that number; missing when the record has none.
    /// A field of type CODE may come as CODE or TEXT.
    /// </summary>
    FieldValue Get(int number);
}
