using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Server.Governance;

namespace Exchange.Server.Catalog;

/// <summary>
/// The one window of this node: its index of catalog entries is brought up to date with the governance state that a question is asked under. Questions need no SQL.
/// </summary>
internal sealed class CatalogSearch(GovernanceStore store) : BackgroundService
{
    private readonly Lock turn = new();
    private CatalogIndex index = new();
    private GovernanceState indexed = GovernanceState.Empty;

    /// <summary>What a query finds under this state or a newer one.</summary>
    public (CatalogFindings Findings, GovernanceState State) Find(GovernanceState state, CatalogQuery query)
    {
        lock (turn)
        {
            Update(state);
            return (index.Find(query), indexed);
        }
    }

    /// <summary>Brings the index up to date ahead of questions.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        for (var state = store.Current; ; state = await store.WaitBeyondAsync(state.Position, stoppingToken))
        {
            lock (turn)
            {
                Update(state);
            }
        }
    }

    private void Update(GovernanceState state)
    {
        if (state.Position <= indexed.Position)
        {
            return;
        }

        // Names of departments and categories stand in every entry: they change rarely.
        if (!ReferenceEquals(state.Categories, indexed.Categories) || !ReferenceEquals(state.Departments, indexed.Departments))
        {
            (index, indexed) = (new CatalogIndex(), GovernanceState.Empty);
        }

        HashSet<ResourceId> changed =
        [
            .. Changed(indexed.Resources, state.Resources).Concat(Changed(indexed.Drafts, state.Drafts)).Select(id => new ResourceId(id)),
            .. Changed(indexed.SharingLists, state.SharingLists).Select(list => list.Resource),
        ];
        var lists = state.SharingLists.Values.Where(list => changed.Contains(list.Resource)).ToLookup(list => list.Resource);
        foreach (var id in changed)
        {
            if (EntryOf(state, id, lists[id]) is { } entry)
            {
                index.Put(entry);
            }
            else
            {
                index.Remove(id);
            }
        }

        indexed = state;
    }

    private static CatalogEntry? EntryOf(GovernanceState state, ResourceId id, IEnumerable<SharingList> lists)
    {
        if (state.Resources.TryGetValue(id.Value, out var published))
        {
            return CatalogEntry.Of(state, published, lists);
        }

        return CatalogDraftRules.Open(state, id) is { } draft ? CatalogEntry.Of(state, draft.Content.Preview(), [], isDraft: true) : null;
    }

    // What is another object than it was, or there only before or after. Walks both in their order.
    private static List<TKey> Changed<TKey, T>(IEnumerable<KeyValuePair<TKey, T>> before, IEnumerable<KeyValuePair<TKey, T>> after)
        where TKey : notnull
        where T : class
    {
        if (ReferenceEquals(before, after))
        {
            return [];
        }

        var was = before.ToDictionary();
        List<TKey> changed = [];
        foreach (var (key, value) in after)
        {
            if (!was.Remove(key, out var earlier) || !ReferenceEquals(earlier, value))
            {
                changed.Add(key);
            }
        }

        changed.AddRange(was.Keys);
        return changed;
    }
}
