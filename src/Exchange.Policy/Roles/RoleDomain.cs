using Exchange.Policy.Language;

namespace Exchange.Policy.Roles;

/// <summary>Who inherits what in one domain: for every name all names it reaches, as sorted symbols that include itself.</summary>
internal sealed class RoleDomain
{
    private const int MostIdle = 8;

    // A decision may hold several at once, and a function that it calls may decide again.
    [ThreadStatic]
    private static Stack<List<int>>? idle;

    private readonly Dictionary<int, int[]> reach = [];
    private readonly List<(int Symbol, Func<string, bool> Test)> patterns = [];
    private readonly SymbolTable symbols;

    /// <summary>Throws <see cref="RefusedException"/> when names reach more than <paramref name="most"/> names in all.</summary>
    public RoleDomain(SymbolTable symbols, IEnumerable<RoleLink> links, Func<string, Func<string, bool>?>? prepare, int deepest, SourcePosition position, int most)
    {
        this.symbols = symbols;
        var names = new Dictionary<int, string>();
        var parents = new Dictionary<int, HashSet<int>>();
        foreach (var link in links)
        {
            var (child, parent) = (symbols.Add(link.Name), symbols.Add(link.Role));
            (names[child], names[parent]) = (link.Name, link.Role);
            Parents(child).Add(parent);
        }

        foreach (var (symbol, name) in names)
        {
            if (prepare?.Invoke(name) is { } test)
            {
                patterns.Add((symbol, test));
            }
        }

        foreach (var (pattern, test) in patterns)
        {
            foreach (var (symbol, name) in names)
            {
                if (symbol != pattern && test(name))
                {
                    Parents(symbol).Add(pattern);
                }
            }
        }

        foreach (var symbol in names.Keys)
        {
            reach[symbol] = Walk(symbol, parents, deepest);
            Size += reach[symbol].Length;
            if (Size > most)
            {
                throw new RefusedException(position, "the roles are inherited so widely that there are too many pairs of a name and a role");
            }
        }

        HashSet<int> Parents(int symbol) => parents.TryGetValue(symbol, out var set) ? set : parents[symbol] = [];
    }

    /// <summary>How many pairs of a name and a name that it reaches there are.</summary>
    public int Size { get; }

    /// <summary>
    /// The symbols of all names that a name reaches, itself too when it has a symbol; sorted. They may stand in a list
    /// that is lent until <see cref="Return"/>: what is asked meanwhile on this thread, by a function that asks an engine, gets another.
    /// </summary>
    public ReadOnlySpan<int> Reach(string name, int symbol, int[] identity, out List<int>? lent)
    {
        lent = null;
        if (symbol >= 0 && reach.TryGetValue(symbol, out var known))
        {
            return known;
        }

        var self = symbol >= 0 ? identity.AsSpan(symbol, 1) : [];
        if (patterns.Count == 0)
        {
            return self;
        }

        lent = idle is not null && idle.TryPop(out var list) ? list : [];
        return ReachByPattern(name, symbol, self, lent);
    }

    /// <summary>Takes back what <see cref="Reach"/> lent.</summary>
    public static void Return(List<int> lent)
    {
        idle ??= new(MostIdle);
        if (idle.Count < MostIdle)
        {
            idle.Push(lent);
        }
    }

    public bool HasLink(string name, string role)
    {
        if (string.Equals(name, role, StringComparison.Ordinal))
        {
            return true;
        }

        var wanted = symbols.Find(role);
        if (wanted < 0)
        {
            return false;
        }

        if (symbols.Find(name) is >= 0 and var symbol && reach.TryGetValue(symbol, out var known))
        {
            return known.AsSpan().BinarySearch(wanted) >= 0;
        }

        foreach (var (pattern, test) in patterns)
        {
            if (reach[pattern].AsSpan().BinarySearch(wanted) >= 0 && test(name))
            {
                return true;
            }
        }

        return false;
    }

    private ReadOnlySpan<int> ReachByPattern(string name, int symbol, ReadOnlySpan<int> self, List<int> reached)
    {
        reached.Clear();
        foreach (var (pattern, test) in patterns)
        {
            if (test(name))
            {
                foreach (var role in reach[pattern])
                {
                    if (!reached.Contains(role))
                    {
                        reached.Add(role);
                    }
                }
            }
        }

        if (reached.Count == 0)
        {
            return self;
        }

        if (symbol >= 0 && !reached.Contains(symbol))
        {
            reached.Add(symbol);
        }

        reached.Sort();
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(reached);
    }

    private static int[] Walk(int start, Dictionary<int, HashSet<int>> parents, int deepest)
    {
        var reached = new HashSet<int> { start };
        var edge = new List<int> { start };
        for (var depth = 0; depth < deepest && edge.Count > 0; depth++)
        {
            var further = new List<int>();
            foreach (var name in edge)
            {
                if (parents.TryGetValue(name, out var above))
                {
                    further.AddRange(above.Where(reached.Add));
                }
            }

            edge = further;
        }

        var sorted = reached.ToArray();
        Array.Sort(sorted);
        return sorted;
    }
}
