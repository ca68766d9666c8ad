using Exchange.Policy.Language;

namespace Exchange.Policy.Roles;

/// <summary>How deep subjects stand in the role tree, for `subjectPriority`. A root, and who is in no tree, stands at 0. Of several parents the last row's counts.</summary>
internal sealed class SubjectLevels
{
    private readonly Dictionary<(string Domain, string Name), (string Domain, string Name)> parents = [];
    private readonly Dictionary<(string Domain, string Name), int> levels = [];

    public SubjectLevels(IReadOnlyList<PolicyRule> rows)
    {
        foreach (var row in rows)
        {
            var domain = row.Values.Length > 2 ? row.Values[2] : "";
            parents[(domain, row.Values[0])] = (domain, row.Values[1]);
        }

        foreach (var row in rows)
        {
            AddLevels(row);
        }
    }

    public int Of(string domain, string name) => levels.GetValueOrDefault((domain, name));

    // Walks up to a root or to a name whose level is known, and numbers the names behind it on the way back.
    private void AddLevels(PolicyRule row)
    {
        var path = new List<(string Domain, string Name)>();
        var onPath = new HashSet<(string Domain, string Name)>();
        var at = (Domain: row.Values.Length > 2 ? row.Values[2] : "", Name: row.Values[0]);
        while (!levels.ContainsKey(at) && parents.TryGetValue(at, out var parent))
        {
            if (!onPath.Add(at))
            {
                throw new RefusedException(row.PositionOf(0), $"`{at.Name}` is its own ancestor; `subjectPriority` needs a tree");
            }

            path.Add(at);
            at = parent;
        }

        var level = levels.GetValueOrDefault(at);
        for (var i = path.Count - 1; i >= 0; i--)
        {
            levels[path[i]] = ++level;
        }
    }
}
