using System.Collections.Concurrent;
using Exchange.EventStore.Reading;

namespace Exchange.EventStore.Tests.Reading;

/// <summary>
/// Watches what one reader is given: ordered, unique, atomic, reliable, bookmarkable. Each slice continues where the last ended and holds exactly
/// what was stored there.
/// </summary>
/// <param name="after">Where the reader begins, by partition.</param>
/// <param name="stored">What writers were told is stored. An event may be delivered before its writer has the answer; it is compared in the end.</param>
public sealed class DeliveryJudge(IReadOnlyDictionary<int, long> after, ConcurrentDictionary<(int Partition, long Position), Guid> stored)
{
    private readonly Dictionary<int, long> positions = after.ToDictionary();
    private readonly List<StoredEvent> early = [];
    private string? fault;

    public int Delivered { get; private set; }

    /// <summary>Where the reader resumes: what it really holds, whatever it was told.</summary>
    public IReadOnlyDictionary<int, long> Positions => positions;

    public void Add(SubscriptionBatch batch)
    {
        foreach (var slice in batch.Slices)
        {
            Require(slice.After == positions[slice.Partition], $"a slice of partition {slice.Partition} begins at {slice.After}, the last ended at {positions[slice.Partition]}");
            foreach (var e in slice.Events)
            {
                Require(e.Partition == slice.Partition && e.Position == positions[slice.Partition] + 1, $"position {e.Position} of partition {e.Partition} follows {positions[slice.Partition]}");
                positions[slice.Partition] = e.Position;
                Delivered++;
                if (stored.TryGetValue((e.Partition, e.Position), out var stream))
                {
                    Compare(e, stream);
                }
                else
                {
                    early.Add(e);
                }
            }

            Require(slice.Through == positions[slice.Partition], $"a slice of partition {slice.Partition} says it ends at {slice.Through} and ends at {positions[slice.Partition]}");
        }

        foreach (var (partition, position) in batch.Positions)
        {
            Require(position == positions[partition], $"the bookmark of partition {partition} is {position}, and {positions[partition]} was delivered");
        }
    }

    /// <summary>Call when the writers ended. The first thing that was wrong; null when nothing was.</summary>
    /// <param name="heads">Where the reader must have come to; null when it was free to leave.</param>
    public string? FindFault(IReadOnlyDictionary<int, long>? heads)
    {
        foreach (var e in early)
        {
            Require(stored.TryGetValue((e.Partition, e.Position), out var stream), $"position {e.Position} of partition {e.Partition} was delivered, and nobody stored it");
            Compare(e, stream);
        }

        foreach (var (partition, position) in heads is null ? [] : positions)
        {
            Require(position == heads![partition], $"partition {partition} was delivered to {position} and stored to {heads[partition]}");
        }

        return fault;
    }

    private void Compare(StoredEvent e, Guid stream) =>
        Require(e.StreamId == stream, $"position {e.Position} of partition {e.Partition} was delivered as another event than was stored there");

    private void Require(bool isRight, string otherwise) => fault ??= isRight ? null : otherwise;
}
