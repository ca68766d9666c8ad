using System.Runtime.InteropServices;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Roles;

/// <summary>Numbers the texts of a snapshot, so that the index and the role graphs compare integers.</summary>
internal sealed class SymbolTable
{
    private readonly Dictionary<string, int> symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<double, List<int>> byNumber = [];

    public int Count => symbols.Count;

    public int Add(string text)
    {
        ref var symbol = ref CollectionsMarshal.GetValueRefOrAddDefault(symbols, text, out var known);
        if (!known)
        {
            symbol = symbols.Count - 1;
            if (PolicyValue.Of(text).TryNumber(out var number))
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(byNumber, number, out _) ??= []).Add(symbol);
            }
        }

        return symbol;
    }

    /// <summary>The numbers of the texts that spell a number: those that a matcher's `==` takes for it.</summary>
    public ReadOnlySpan<int> Spelling(double number) => CollectionsMarshal.AsSpan(byNumber.GetValueOrDefault(number));

    /// <summary>The number of a text; -1 when the snapshot does not have it.</summary>
    public int Find(string text) => symbols.TryGetValue(text, out var symbol) ? symbol : -1;
}
