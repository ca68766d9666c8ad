using System.Runtime.InteropServices;

namespace Exchange.Policy.Roles;

/// <summary>Numbers the texts of a snapshot, so that the index and the role graphs compare integers.</summary>
internal sealed class SymbolTable
{
    private readonly Dictionary<string, int> symbols = new(StringComparer.Ordinal);

    public int Count => symbols.Count;

    public int Add(string text)
    {
        ref var symbol = ref CollectionsMarshal.GetValueRefOrAddDefault(symbols, text, out var known);
        return known ? symbol : symbol = symbols.Count - 1;
    }

    /// <summary>The number of a text; -1 when the snapshot does not have it.</summary>
    public int Find(string text) => symbols.TryGetValue(text, out var symbol) ? symbol : -1;
}
