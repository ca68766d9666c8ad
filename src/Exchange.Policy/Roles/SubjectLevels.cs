using Exchange.Policy.Models;

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
            var path = new HashSet<(string, string)>();
            for (var at = (Domain: row.Values.Length > 2 ? row.Values[2] : "", Name: row.Values[0]); parents.TryGetValue(at, out var parent); at = parent)
            {
                if (!path.Add(at))
                {
                    throw new RefusedException(row.PositionOf(0), $"`{row.Values[0]}` is its own ancestor; `subjectPriority` needs a tree");
                }
            }
        }
    }

    public int Of(string domain, string name)
    {
        var key = (domain, name);
        if (!levels.TryGetValue(key, out var level))
        {
            level = parents.TryGetValue(key, out var parent) ? Of(parent.Domain, parent.Name) + 1 : 0;
            levels[key] = level;
        }

        return level;
    }
}
