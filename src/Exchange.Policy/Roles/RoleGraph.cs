using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Roles;

/// <summary>
/// One role relation (`g`, `g2`, …) of a snapshot. Immutable, but for graphs of domains that only patterns name: these are made when
/// first asked for, one for all domains that the same patterns match.
/// </summary>
internal sealed class RoleGraph
{
    private const int MostKept = 4_096;
    private const int LongestKept = 256;
    private const int MostPairs = 1 << 24;

    private readonly Dictionary<string, RoleDomain> domains = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RoleDomain> byDomain = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RoleDomain> byPatterns = new(StringComparer.Ordinal);
    private readonly List<(string Domain, Func<string, bool> Test)> patterns = [];
    private readonly ILookup<string, RoleLink> links;
    private readonly Func<IEnumerable<RoleLink>, int, RoleDomain> make;
    private readonly RoleDomain empty;
    private readonly RoleDomain? single;

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a function on names throws makes the policy one that cannot be used.")]
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

        var first = rows.Count > 0 ? rows[0].PositionOf(0) : new SourcePosition(SourcePosition.Policy, 1, 1);
        Func<string, Func<string, bool>?>? prepare = namePattern is null ? null : name => namePattern.Prepare(name, positions[name]);
        make = (some, most) => new RoleDomain(symbols, some, prepare, deepest, first, most);
        links = rows.Select(row => new RoleLink(row.Values[0], row.Values[1], names == 3 ? row.Values[2] : "")).ToLookup(static link => link.Domain);
        empty = make([], 0);
        try
        {
            foreach (var domain in domainPattern is null ? [] : links.Select(static group => group.Key))
            {
                if (domainPattern!.Prepare(domain, positions[domain]) is { } test)
                {
                    patterns.Add((domain, test));
                }
            }

            var left = MostPairs;
            foreach (var group in links)
            {
                var graph = domains[group.Key] = make(LinksOf(group.Key), left);
                left -= graph.Size;
            }
        }
        catch (Exception e) when (e is not RefusedException)
        {
            throw new RefusedException(first, $"the function on the names of this relation failed: {e.Message}");
        }

        single = names == 2 ? domains.GetValueOrDefault("", empty) : null;
    }

    /// <summary>The graph of a domain; of a relation without domains whatever is given. Throws what a function on domains throws.</summary>
    public RoleDomain Of(string domain)
    {
        if (single is not null)
        {
            return single;
        }

        if (domains.TryGetValue(domain, out var graph) || patterns.Count == 0)
        {
            return graph ?? empty;
        }

        return byDomain.TryGetValue(domain, out graph) ? graph : Make(domain);
    }

    // Only symbols that the snapshot has can occur in its links: making a graph adds none.
    private RoleDomain Make(string domain)
    {
        var matching = Matching(domain).ToList();
        var key = string.Join(',', matching);
        if (!byPatterns.TryGetValue(key, out var graph))
        {
            graph = matching.Count == 0 ? empty : make(matching.SelectMany(pattern => links[patterns[pattern].Domain]), MostPairs);
            Keep(byPatterns, key, graph);
        }

        if (domain.Length <= LongestKept)
        {
            Keep(byDomain, domain, graph);
        }

        return graph;
    }

    private static void Keep(ConcurrentDictionary<string, RoleDomain> kept, string key, RoleDomain graph)
    {
        if (kept.Count < MostKept)
        {
            kept.TryAdd(key, graph);
        }
    }

    private IEnumerable<RoleLink> LinksOf(string domain) =>
        links[domain].Concat(Matching(domain).Where(pattern => patterns[pattern].Domain != domain).SelectMany(pattern => links[patterns[pattern].Domain]));

    private IEnumerable<int> Matching(string domain) => Enumerable.Range(0, patterns.Count).Where(pattern => patterns[pattern].Test(domain));
}
