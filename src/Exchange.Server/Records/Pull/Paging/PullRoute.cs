using System.Collections.Immutable;

namespace Exchange.Server.Records.Pull.Paging;

/// <summary>
/// The way of one pull through its table. In the hub's own order rows come by partition and by where in it they were opened, whichever way a page takes,
/// so the way may change from page to page and a page token is good for each. Where an index could propose the rows, a sample is looked at first: whether
/// the filter lets many or few through is known without trusting anybody's statistics.
/// </summary>
internal sealed class PullRoute
{
    /// <summary>Rows of a sample.</summary>
    public const int LookRows = 1_000;

    // A walk may read so many samples to fill a page; where it would read more, the index is asked.
    private const int MostLooks = 4;

    // Where so many partitions gave less than a page, the next page is taken from so many times as many.
    private const int Growth = 4;

    private readonly ImmutableArray<int> partitions;
    private int span = 1;
    private (long Rows, long Passed) sample;
    private long taken;

    /// <summary>The route through partitions, which are given in any order.</summary>
    public PullRoute(PullShape shape, IEnumerable<int> partitions)
    {
        this.partitions = InOrder(partitions);
        Way = shape switch
        {
            { View.Order: not null } => PullWay.Ordered,
            { IsProposed: true } => PullWay.Look,
            _ => PullWay.Walk,
        };
    }

    /// <summary>How the next page finds its rows.</summary>
    public PullWay Way { get; private set; }

    /// <summary>Where a pull begins.</summary>
    public static PullPosition Start(IEnumerable<int> partitions) => PullPosition.Before(InOrder(partitions)[0]);

    /// <summary>Decides by a sample which way the pages take.</summary>
    /// <param name="rows">Rows of the sample.</param>
    /// <param name="passed">How many of them a page would have.</param>
    /// <param name="wanted">Rows that the first page could use.</param>
    public void Decide(long rows, long passed, long wanted)
    {
        sample = (Math.Max(1, rows), Math.Max(1, passed));
        Way = passed * MostLooks * LookRows >= wanted * rows && rows > 0 ? PullWay.Walk : PullWay.Index;
    }

    /// <summary>The partitions that the page after this position is taken from; none where it is taken from all.</summary>
    public ImmutableArray<int> PartitionsAfter(in PullPosition after)
    {
        var first = partitions.BinarySearch(after.Partition);
        return Way switch
        {
            PullWay.Ordered => [],
            PullWay.Index => partitions.Slice(first, Math.Min(span, partitions.Length - first)),
            _ => [after.Partition],
        };
    }

    /// <summary>Where the page after a page begins, null after the last one.</summary>
    /// <param name="after">Where the page began.</param>
    /// <param name="last">The last row seen, or where the page began.</param>
    /// <param name="found">Rows that passed.</param>
    /// <param name="wanted">Rows it could have used.</param>
    /// <param name="isFull">True when it ended before its rows did.</param>
    public PullPosition? After(in PullPosition after, in PullPosition last, long found, long wanted, bool isFull)
    {
        if (isFull && Way is PullWay.Index)
        {
            // Every page sorts all that is proposed of its partition: where more pages of one come than a walk would need for them, walking is cheaper.
            taken = last.Partition == after.Partition ? taken + found : found;
            Way = taken * sample.Passed > wanted * sample.Rows ? PullWay.Walk : PullWay.Index;
        }

        if (isFull || Way is PullWay.Ordered)
        {
            return isFull ? last : null;
        }

        var next = partitions.BinarySearch(PartitionsAfter(after)[^1]) + 1;
        span = Math.Min(span * Growth, partitions.Length);
        return next < partitions.Length ? PullPosition.Before(partitions[next]) : null;
    }

    private static ImmutableArray<int> InOrder(IEnumerable<int> partitions) => [.. partitions.Order()];
}
