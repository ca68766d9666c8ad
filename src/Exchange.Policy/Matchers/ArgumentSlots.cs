using System.Runtime.CompilerServices;

namespace Exchange.Policy.Matchers;

/// <summary>The arguments of a call, on the stack.</summary>
[InlineArray(Count)]
internal struct ArgumentSlots
{
    /// <summary>How many; calls with more take an array.</summary>
    public const int Count = 4;

    private PolicyValue first;
}
