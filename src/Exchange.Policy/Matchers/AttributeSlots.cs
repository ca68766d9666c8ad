using System.Runtime.CompilerServices;

namespace Exchange.Policy.Matchers;

/// <summary>Attributes of the request that many rules read, kept while one request is decided.</summary>
[InlineArray(Count)]
internal struct AttributeSlots
{
    /// <summary>How many attributes of a matcher are kept; further ones are read each time.</summary>
    public const int Count = 8;

    private PolicyValue first;
}
