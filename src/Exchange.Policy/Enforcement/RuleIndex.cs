namespace Exchange.Policy.Enforcement;

/// <summary>
/// Finds rules by the symbols in some of their columns: a trie in one hash table, whose last step may be a role. Immutable once
/// built; finding allocates nothing.
/// </summary>
internal sealed class RuleIndex
{
    private readonly Dictionary<ulong, int> steps = [];
    private readonly List<int[]> rolesOf = [];
    private readonly List<int[]> placesOf = [];

    /// <summary>Indexes rules, given with their place in rising order, their key symbols and (or -1) the symbol of their role.</summary>
    public RuleIndex(IEnumerable<(int Place, int[] Keys, int Role)> rules)
    {
        var roles = new List<SortedSet<int>>();
        var places = new List<List<int>>();
        Add();
        foreach (var (place, keys, role) in rules)
        {
            var state = 0;
            foreach (var key in keys)
            {
                state = Step(state, key);
            }

            if (role >= 0)
            {
                roles[state].Add(role);
                state = Step(state, role);
            }

            places[state].Add(place);
        }

        rolesOf.AddRange(roles.Select(static set => set.ToArray()));
        placesOf.AddRange(places.Select(static list => list.ToArray()));

        void Add()
        {
            roles.Add([]);
            places.Add([]);
        }

        int Step(int state, int symbol)
        {
            if (!steps.TryGetValue(Key(state, symbol), out var next))
            {
                steps[Key(state, symbol)] = next = places.Count;
                Add();
            }

            return next;
        }
    }

    /// <summary>The state after a symbol; -1 when no rule has it.</summary>
    public int Next(int state, int symbol) => steps.TryGetValue(Key(state, symbol), out var next) ? next : -1;

    /// <summary>The roles by which rules go on from a state, sorted.</summary>
    public ReadOnlySpan<int> Roles(int state) => rolesOf[state];

    /// <summary>The rules that end in a state, in the order of the policy.</summary>
    public ReadOnlySpan<int> Places(int state) => placesOf[state];

    private static ulong Key(int state, int symbol) => ((ulong)(uint)state << 32) | (uint)symbol;
}
