namespace Exchange.Policy.Matchers;

/// <summary>A function that matchers may call. It must be pure: the same arguments give the same answer. What it throws fails the matcher, which denies.</summary>
public delegate PolicyValue PolicyFunction(ReadOnlySpan<PolicyValue> arguments);
