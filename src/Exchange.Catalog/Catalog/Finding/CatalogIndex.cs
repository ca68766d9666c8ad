using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Exchange.Catalog.Search;

namespace Exchange.Catalog;

/// <summary>
/// Finds catalog entries by words and facets, in memory: lists of places by word, sets of places by facet. A place that an entry leaves stays empty until a quarter
/// of all words are of such; then everything is put together anew. Not thread-safe.
/// </summary>
public sealed class CatalogIndex
{
    // A posting is a place and a weight in one number.
    private const int WeightBits = 3;
    private const int WeightMask = (1 << WeightBits) - 1;
    private const int LeastDeadPostings = 10_000;
    private const char LexemeStart = '/';

    // With `0/`: a single Latin letter begins too many words.
    private const int LeastPrefix = 4;

    private readonly List<Kept?> _places = [];
    private readonly Dictionary<ResourceId, int> _placeOf = [];
    private readonly Dictionary<string, List<int>> _postings = new(StringComparer.Ordinal);
    private readonly Dictionary<char, List<string>> _lexemesByStart = [];
    private readonly Dictionary<(CatalogFacet Facet, string Value), PlaceSet> _facets = [];
    private readonly PlaceSet _published = new();
    private readonly Dictionary<DepartmentId, PlaceSet> _drafts = [];
    private long _livePostings;
    private long _deadPostings;

    /// <summary>Entries that can be found.</summary>
    public int Count => _placeOf.Count;

    /// <summary>Adds an entry, or replaces the one of its resource.</summary>
    public void Put(CatalogEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        Remove(entry.Resource);
        Place(entry);
    }

    /// <summary>Takes an entry away, if it is there.</summary>
    public void Remove(ResourceId resource)
    {
        if (!_placeOf.Remove(resource, out var place))
        {
            return;
        }

        var entry = _places[place]!;
        _places[place] = null;
        (entry.IsDraft ? _drafts[entry.Department] : _published).Remove(place);
        foreach (var value in entry.Values)
        {
            _facets[value].Remove(place);
        }

        _livePostings -= entry.WordCount;
        _deadPostings += entry.WordCount;
        if (_deadPostings > LeastDeadPostings && _deadPostings > _livePostings / 3)
        {
            Compact();
        }
    }

    /// <summary>One page of what a query finds.</summary>
    public CatalogFindings Find(CatalogQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var (found, scores) = WithText(query.Text, Known(query));
        var wanted = query.Values.GroupBy(value => value.Facet).ToDictionary(group => group.Key, group => PlaceSet.Any(group.Select(value => _facets.GetValueOrDefault(value))));
        var all = wanted.Values.Aggregate(found, (set, wish) => set.And(wish));
        var best = new SortedSet<CatalogHit>(CatalogHit.ByRank);
        var total = 0;
        foreach (var place in all.Places())
        {
            total++;
            var hit = new CatalogHit(scores?[place] ?? 0, _places[place]!.Resource);
            if (query.After is { } after && CatalogHit.ByRank.Compare(hit, after) <= 0)
            {
                continue;
            }

            // One more than the page, to know whether another follows.
            if (best.Count <= query.Size || CatalogHit.ByRank.Compare(hit, best.Max) < 0)
            {
                best.Add(hit);
                if (best.Count > query.Size + 1)
                {
                    best.Remove(best.Max);
                }
            }
        }

        return new([.. best.Take(query.Size)], best.Count > query.Size, total, Facets(found, wanted));
    }

    private ImmutableArray<(CatalogFacet, string, int)> Facets(PlaceSet found, Dictionary<CatalogFacet, PlaceSet> wanted)
    {
        Dictionary<CatalogFacet, PlaceSet> within = [];
        var counts = ImmutableArray.CreateBuilder<(CatalogFacet Facet, string Value, int Count)>();
        foreach (var ((facet, value), places) in _facets)
        {
            ref var others = ref CollectionsMarshal.GetValueRefOrAddDefault(within, facet, out var isKnown);
            others = isKnown ? others! : wanted.Where(wish => wish.Key != facet).Aggregate(found, (set, wish) => set.And(wish.Value));
            if (places.CountIn(others) is var count and > 0)
            {
                counts.Add((facet, value, count));
            }
        }

        counts.Sort((left, right) => left.Facet != right.Facet ? left.Facet.CompareTo(right.Facet)
            : left.Count != right.Count ? right.Count.CompareTo(left.Count)
            : string.CompareOrdinal(left.Value, right.Value));
        return counts.ToImmutable();
    }

    private PlaceSet Known(CatalogQuery query) => query.AllDrafts
        ? PlaceSet.Any([_published, .. _drafts.Values])
        : query.DraftsOf is { } own && _drafts.TryGetValue(own, out var drafts) ? PlaceSet.Any([_published, drafts]) : _published;

    // Places that have every word, with the sum of the words' weights; no scores without words.
    private (PlaceSet Places, int[]? Scores) WithText(string text, PlaceSet known)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return (known, null);
        }

        var scores = new int[_places.Count];
        var lexemes = SearchTokens.Query(0, text).Lexemes;
        var found = lexemes.IsEmpty ? new PlaceSet() : known;
        var weights = new int[scores.Length];
        foreach (var lexeme in lexemes.TakeWhile(_ => !found.IsEmpty))
        {
            found = found.And(Weigh(lexeme, scores, weights));
        }

        return (found, scores);
    }

    // The weights are all 0 before and after.
    private PlaceSet Weigh(SearchLexeme lexeme, int[] scores, int[] weights)
    {
        var has = new PlaceSet();
        foreach (var candidate in Lexemes(lexeme))
        {
            // The word itself counts twice what one that begins with it does.
            var factor = candidate == lexeme.Text ? 2 : 1;
            foreach (var posting in _postings[candidate])
            {
                var (place, weight) = (posting >> WeightBits, (posting & WeightMask) * factor);
                if (_places[place] is not null)
                {
                    has.Add(place);
                    weights[place] = Math.Max(weights[place], weight);
                }
            }
        }

        foreach (var place in has.Places())
        {
            scores[place] += weights[place];
            weights[place] = 0;
        }

        return has;
    }

    // Latin words are found while they are typed; a pair of Chinese neighbours is what it is, a single one the beginning of pairs.
    private IEnumerable<string> Lexemes(SearchLexeme lexeme)
    {
        var start = StartOf(lexeme.Text);
        if (!lexeme.IsPrefix && (!char.IsAsciiLetterOrDigit(start) || lexeme.Text.Length < LeastPrefix))
        {
            return _postings.ContainsKey(lexeme.Text) ? [lexeme.Text] : [];
        }

        return _lexemesByStart.TryGetValue(start, out var candidates) ? candidates.Where(candidate => candidate.StartsWith(lexeme.Text, StringComparison.Ordinal)) : [];
    }

    private static char StartOf(string lexeme) => lexeme[lexeme.IndexOf(LexemeStart, StringComparison.Ordinal) + 1];

    private void Place(CatalogEntry entry)
    {
        var place = _places.Count;
        _places.Add(new Kept(entry.Resource, entry.Department, entry.IsDraft, entry.Values, entry.Words.Count));
        _livePostings += entry.Words.Count;
        _placeOf.Add(entry.Resource, place);
        if (!entry.IsDraft)
        {
            _published.Add(place);
        }
        else
        {
            Set(_drafts, entry.Department).Add(place);
        }

        foreach (var value in entry.Values)
        {
            Set(_facets, value).Add(place);
        }

        foreach (var (lexeme, weight) in entry.Words)
        {
            ref var postings = ref CollectionsMarshal.GetValueRefOrAddDefault(_postings, lexeme, out var isKnown);
            if (!isKnown)
            {
                postings = [];
                ref var lexemes = ref CollectionsMarshal.GetValueRefOrAddDefault(_lexemesByStart, StartOf(lexeme), out _);
                (lexemes ??= []).Add(lexeme);
            }

            postings!.Add((place << WeightBits) | weight);
        }
    }

    // Places without entries go; those behind them move up, so that lists of places stay in order.
    private void Compact()
    {
        var moved = new int[_places.Count];
        List<Kept?> kept = new(_placeOf.Count);
        for (var place = 0; place < moved.Length; place++)
        {
            moved[place] = _places[place] is null ? -1 : kept.Count;
            if (_places[place] is { } entry)
            {
                _placeOf[entry.Resource] = kept.Count;
                kept.Add(entry);
            }
        }

        _places.Clear();
        _places.AddRange(kept);
        foreach (var postings in _postings.Values)
        {
            postings.RemoveAll(posting => moved[posting >> WeightBits] < 0);
            foreach (ref var posting in CollectionsMarshal.AsSpan(postings))
            {
                posting = (moved[posting >> WeightBits] << WeightBits) | (posting & WeightMask);
            }
        }

        foreach (var unused in _postings.Where(lexeme => lexeme.Value is []).Select(lexeme => lexeme.Key).ToList())
        {
            _postings.Remove(unused);
        }

        foreach (var lexemes in _lexemesByStart.Values)
        {
            lexemes.RemoveAll(lexeme => !_postings.ContainsKey(lexeme));
        }

        _deadPostings = 0;
        foreach (var set in _facets.Values.Concat(_drafts.Values).Append(_published))
        {
            set.Move(moved);
        }
    }

    private static PlaceSet Set<TKey>(Dictionary<TKey, PlaceSet> sets, TKey key)
        where TKey : notnull
    {
        ref var set = ref CollectionsMarshal.GetValueRefOrAddDefault(sets, key, out _);
        return set ??= new PlaceSet();
    }

    private sealed record Kept(ResourceId Resource, DepartmentId Department, bool IsDraft, IReadOnlyList<(CatalogFacet Facet, string Value)> Values, int WordCount);
}
