using Exchange.Protos.V1;

namespace Exchange.Clients.Feed;

/// <summary>
/// Proves, from nothing but the ranges a feed sent, that no position was missed: each range of a partition must begin where
/// the last one ended. What arrives twice is fine; what is left out is a gap for good. Safe for several threads.
/// </summary>
public sealed class CoverageProof
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, long> _through = [];
    private readonly List<Gap> _gaps = [];
    private bool _begun;

    /// <summary>An empty proof, or one that goes on from stored positions.</summary>
    public CoverageProof(IReadOnlyDictionary<int, long>? through = null)
    {
        foreach (var (partition, position) in through ?? new Dictionary<int, long>())
        {
            _through[partition] = position;
            _begun = true;
        }
    }

    /// <summary>True when something was received and nothing is missing in it.</summary>
    public bool IsContiguous
    {
        get
        {
            lock (_lock)
            {
                return _begun && _gaps.Count == 0;
            }
        }
    }

    /// <summary>Last covered position of each partition, as of now.</summary>
    public IReadOnlyDictionary<int, long> Through
    {
        get
        {
            lock (_lock)
            {
                return new SortedDictionary<int, long>(_through);
            }
        }
    }

    /// <summary>What is missing, as of now.</summary>
    public IReadOnlyList<Gap> Gaps
    {
        get
        {
            lock (_lock)
            {
                return [.. _gaps];
            }
        }
    }

    /// <summary>True when every position up to these was received without a gap.</summary>
    public bool Covers(IEnumerable<KeyValuePair<int, long>> heads)
    {
        lock (_lock)
        {
            return _begun && _gaps.Count == 0 && heads.All(h => _through.GetValueOrDefault(h.Key) >= h.Value);
        }
    }

    /// <summary>The feed (again) begins here: at first that is where the proof begins, later it must not be further on than the proof is.</summary>
    public void Begin(IEnumerable<Coverage> from)
    {
        lock (_lock)
        {
            BeginLocked(from);
        }
    }

    /// <summary>A batch covers these ranges and holds these changes.</summary>
    public void Add(FeedBatch batch)
    {
        lock (_lock)
        {
            AddLocked(batch);
        }
    }

    private void BeginLocked(IEnumerable<Coverage> from)
    {
        foreach (var start in from)
        {
            var position = start.Through;
            if (!_begun)
            {
                _through[start.Partition] = position;
            }
            else if (_through.GetValueOrDefault(start.Partition) is var at && position > at)
            {
                Miss(start.Partition, at, position);
                _through[start.Partition] = position;
            }
        }

        _begun = true;
    }

    private void AddLocked(FeedBatch batch)
    {
        foreach (var range in batch.Coverage)
        {
            var at = _through.GetValueOrDefault(range.Partition);
            if (!_begun || range.After > at || range.Through < range.After)
            {
                Miss(range.Partition, at, range.After);
            }

            _through[range.Partition] = Math.Max(at, range.Through);
        }

        // As a rule, changes of one partition follow each other.
        Coverage? last = null;
        foreach (var change in batch.Changes)
        {
            // A change outside what the batch covers would be a change that the ranges do not account for.
            if (!Covers(last, change) && (last = batch.Coverage.FirstOrDefault(range => Covers(range, change))) is null)
            {
                Miss(change.Partition, change.Position - 1, change.Position);
            }
        }
    }

    private static bool Covers(Coverage? range, Change change) =>
        range is not null && range.Partition == change.Partition && change.Position > range.After && change.Position <= range.Through;

    private void Miss(int partition, long after, long through) => _gaps.Add(new Gap(partition, after, through));

    /// <summary>Positions that were not covered.</summary>
    /// <param name="Partition">Partition.</param>
    /// <param name="After">After this position…</param>
    /// <param name="Through">…the feed went on only after this one.</param>
    public readonly record struct Gap(int Partition, long After, long Through);
}
