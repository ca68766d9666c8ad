using System.Collections.Concurrent;
using Exchange.Policy.Matchers;
using Exchange.Policy.Models;

namespace Exchange.Policy.Roles;

/// <summary>One role relation (`g`, `g2`, …) of a snapshot. Immutable, but for graphs of domains that only a pattern names, which are made when first asked for.</summary>
internal sealed class RoleGraph
{
    private const int MostPatternDomains = 4096;

    private readonly Dictionary<string, RoleDomain> domains = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RoleDomain> byPattern = new(StringComparer.Ordinal);
    private readonly List<(string Domain, Func<string, bool> Test)> patterns = [];
    private readonly ILookup<string, RoleLink> links;
    private readonly Func<IEnumerable<RoleLink>, RoleDomain> make;
    private readonly RoleDomain empty;
    private readonly RoleDomain? single;

    public RoleGraph(int names, IReadOnlyList<PolicyRule> rows, SymbolTable symbols, NamePattern? namePattern, NamePattern? domainPattern, int deepest)
    {
        var positions = new Dictionary<string, SourcePosition>();
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Values.Length; i++)
            {
                positions.TryAdd(row.Values[i], row.PositionOf(i));
            }
        }

        Func<string, Func<string, bool>?>? prepare = namePattern is null ? null : name => namePattern.Prepare(name, positions[name]);
        make = some => new RoleDomain(symbols, some, prepare, deepest);
        links = rows.Select(row => new RoleLink(row.Values[0], row.Values[1], names == 3 ? row.Values[2] : "")).ToLookup(static link => link.Domain);
        empty = make([]);
        foreach (var domain in domainPattern is null ? [] : links.Select(static group => group.Key))
        {
            if (domainPattern!.Prepare(domain, positions[domain]) is { } test)
            {
                patterns.Add((domain, test));
            }
        }

        foreach (var group in links)
        {
            domains[group.Key] = make(LinksOf(group.Key));
        }

        single = names == 2 ? domains.GetValueOrDefault("", empty) : null;
    }

    public bool HasDomain => single is null;

    /// <summary>The graph of a domain; of a relation without domains whatever is given.</summary>
    public RoleDomain Of(string domain)
    {
        if (single is not null)
        {
            return single;
        }

        if (domains.TryGetValue(domain, out var graph) || (patterns.Count > 0 && byPattern.TryGetValue(domain, out graph)))
        {
            return graph;
        }

        if (patterns.Count == 0)
        {
            return empty;
        }

        // Only symbols that the snapshot has can occur in its links: making the graph adds none.
        graph = make(LinksOf(domain));
        if (byPattern.Count < MostPatternDomains)
        {
            byPattern.TryAdd(domain, graph);
        }

        return graph;
    }

    private IEnumerable<RoleLink> LinksOf(string domain)
    {
        foreach (var link in links[domain])
        {
            yield return link;
        }

        foreach (var (pattern, test) in patterns)
        {
            if (pattern != domain && test(domain))
            {
                foreach (var link in links[pattern])
                {
                    yield return link;
                }
            }
        }
    }
}
