namespace Exchange.Policy.Enforcement;

/// <summary>
/// Finds rules by the symbols in some of their columns: a trie in one hash table, whose last steps may be roles. Immutable once
/// built; finding allocates nothing.
/// </summary>
internal sealed class RuleIndex
{
    private readonly Dictionary<ulong, int> steps = [];
    private readonly int[][] rolesOf;
    private readonly int[][] statesOf;
    private readonly int[][] placesOf;

    /// <summary>Indexes rules, given with their place in rising order, their key symbols and the symbols of their roles.</summary>
    public RuleIndex(IEnumerable<(int Place, int[] Keys, int[] Roles)> rules)
    {
        var roles = new List<SortedDictionary<int, int>?>();
        var places = new List<List<int>?>();
        Add();
        foreach (var (place, keys, roleSymbols) in rules)
        {
            var state = 0;
            foreach (var key in keys)
            {
                if (!steps.TryGetValue(Key(state, key), out var next))
                {
                    steps[Key(state, key)] = next = Add();
                }

                state = next;
            }

            foreach (var role in roleSymbols)
            {
                var further = roles[state] ??= [];
                if (!further.TryGetValue(role, out var next))
                {
                    further[role] = next = Add();
                }

                state = next;
            }

            (places[state] ??= []).Add(place);
        }

        rolesOf = [.. roles.Select(static further => further is null ? [] : further.Keys.ToArray())];
        statesOf = [.. roles.Select(static further => further is null ? [] : further.Values.ToArray())];
        placesOf = [.. places.Select(static list => list is null ? [] : list.ToArray())];

        int Add()
        {
            roles.Add(null);
            places.Add(null);
            return places.Count - 1;
        }
    }

    /// <summary>The state after a key's symbol; -1 when no rule has it.</summary>
    public int Next(int state, int symbol) => steps.TryGetValue(Key(state, symbol), out var next) ? next : -1;

    /// <summary>The symbols of the roles by which rules go on from a state, sorted.</summary>
    public ReadOnlySpan<int> Roles(int state) => rolesOf[state];

    /// <summary>The states after these roles, in the same order.</summary>
    public ReadOnlySpan<int> States(int state) => statesOf[state];

    /// <summary>The rules that end in a state, in the order of the policy.</summary>
    public ReadOnlySpan<int> Places(int state) => placesOf[state];

    private static ulong Key(int state, int symbol) => ((ulong)(uint)state << 32) | (uint)symbol;
}
