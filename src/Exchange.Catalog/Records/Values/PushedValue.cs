namespace Exchange.Catalog.Records;

/// <summary>
/// One value of a pushed record as it came: not sent (the default), a removal, a value of some type, or something that
/// could not even be read. 40 bytes, no allocation.
/// </summary>
public readonly struct PushedValue
{
    private static readonly object Removal = new();

    private readonly FieldValue _value;
    private readonly object? _mark;

    private PushedValue(FieldValue value, object? mark)
    {
        _value = value;
        _mark = mark;
    }

    /// <summary>Leaves the field as it is.</summary>
    public static PushedValue NotSent => default;

    /// <summary>Removes the field's value.</summary>
    public static PushedValue Clear => new(default, Removal);

    /// <summary>True when the field is left as it is.</summary>
    public bool IsNotSent => _mark is null && _value.IsMissing;

    /// <summary>True for a removal.</summary>
    public bool IsClear => ReferenceEquals(_mark, Removal);

    /// <summary>Why the value could not be read; null when it could.</summary>
    public ValueComplaint? Complaint => _mark as ValueComplaint;

    /// <summary>The value; missing for a removal and for what could not be read.</summary>
    public FieldValue Value => _value;

    /// <summary>A value. A missing one is the same as not sent.</summary>
    public static PushedValue Of(FieldValue value) => new(value, null);

    /// <summary>Something that could not be read.</summary>
    public static PushedValue Malformed(ValueComplaint complaint)
    {
        ArgumentNullException.ThrowIfNull(complaint);
        return new(default, complaint);
    }
}
