using Exchange.Catalog;
using Exchange.Server.Hosting;

namespace Exchange.Server.Grpc.Room;

/// <summary>
/// Bytes of requests that are being worked on, over all calls of the node: what bounds its memory whatever is sent to it. A unary call that finds no room
/// is refused before its message is read; a stream waits for room before it goes on, and its client with it. One client has at most a share of the room,
/// and one place in the line for it, however many calls it makes: what it leaves unfinished is its own loss. What waits is in memory too: as much as a share
/// of each client. Safe for concurrent use.
/// </summary>
/// <param name="bytes">All the room there is; at least the largest message.</param>
internal sealed class RequestBudget(long bytes)
{
    /// <summary>When a refused call may come again: about as long as it takes to store what is under way.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private const int Shares = 4;

    // The largest message fits into every share.
    private readonly long share = Math.Max(bytes / Shares, HubEndpoints.LargestMessageBytes);
    private readonly Lock gate = new();
    private readonly Dictionary<ClientId, Holder> holders = [];
    private readonly Queue<Holder> line = [];
    private long left = bytes;

    /// <summary>Bytes that nobody has taken.</summary>
    public long Left
    {
        get
        {
            lock (gate)
            {
                return left;
            }
        }
    }

    /// <summary>Who has room or waits for it: bytes taken, and how many calls wait.</summary>
    public IReadOnlyList<(ClientId Client, long Taken, int Waiting)> Holders
    {
        get
        {
            lock (gate)
            {
                return [.. holders.Values.Select(holder => (holder.Client, holder.Taken, holder.Waiting.Count))];
            }
        }
    }

    /// <summary>Takes room at once; false when there is not enough, the client's share is used up, or others wait for room.</summary>
    /// <param name="client">Who calls; default for all that no token names.</param>
    /// <param name="bytes">At most the largest message.</param>
    public bool TryTake(ClientId client, long bytes)
    {
        lock (gate)
        {
            var holder = HolderOf(client);
            var fits = line.Count is 0 && holder.Waiting.Count is 0 && bytes <= left && Fits(holder, bytes);
            if (fits)
            {
                Take(holder, bytes);
            }

            Forget(holder);
            return fits;
        }
    }

    /// <summary>
    /// Takes room: after what this client waits for already, and in turn with the other clients that wait. Who stops waiting has taken nothing. False, at once,
    /// when what this client waits for is as much as its share.
    /// </summary>
    /// <param name="client">Who calls.</param>
    /// <param name="bytes">At most the largest message.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<bool> TakeAsync(ClientId client, long bytes, CancellationToken cancellationToken)
    {
        if (TryTake(client, bytes))
        {
            return true;
        }

        var place = new LinkedListNode<Wanted>(new Wanted(bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        lock (gate)
        {
            var holder = HolderOf(client);
            if (holder.WaitingBytes + bytes > share)
            {
                return false;
            }

            holder.Waiting.AddLast(place);
            holder.WaitingBytes += bytes;
            Serve(holder);
        }

        await using var stop = cancellationToken.Register(() => Leave(client, place, cancellationToken));
        await place.Value.Turn.Task;
        return true;
    }

    /// <summary>Gives room back.</summary>
    public void Return(ClientId client, long bytes)
    {
        lock (gate)
        {
            var holder = HolderOf(client);
            holder.Taken -= bytes;
            left += bytes;
            Serve(holder);
        }
    }

    private void Leave(ClientId client, LinkedListNode<Wanted> place, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            // Nowhere any more: it has its room, and tells so.
            if (place.List is null)
            {
                return;
            }

            place.List.Remove(place);
            var holder = HolderOf(client);
            holder.WaitingBytes -= place.Value.Bytes;
            Serve(holder);
        }

        place.Value.Turn.TrySetCanceled(cancellationToken);
    }

    // Only the holder's own lot has changed, and what is left. It stands in line while its first wish fits its share.
    private void Serve(Holder holder)
    {
        StandInLine(holder);
        while (line.TryPeek(out var next))
        {
            if (next.Waiting.First is { } first && Fits(next, first.Value.Bytes))
            {
                if (first.Value.Bytes > left)
                {
                    break;
                }

                next.Waiting.RemoveFirst();
                next.WaitingBytes -= first.Value.Bytes;
                Take(next, first.Value.Bytes);
                first.Value.Turn.SetResult();
            }

            line.Dequeue();
            next.IsInLine = false;
            StandInLine(next);
            Forget(next);
        }

        Forget(holder);
    }

    private void StandInLine(Holder holder)
    {
        if (!holder.IsInLine && holder.Waiting.First is { } first && Fits(holder, first.Value.Bytes))
        {
            holder.IsInLine = true;
            line.Enqueue(holder);
        }
    }

    private bool Fits(Holder holder, long bytes) => holder.Taken + bytes <= share;

    private void Take(Holder holder, long bytes)
    {
        holder.Taken += bytes;
        left -= bytes;
    }

    private Holder HolderOf(ClientId client)
    {
        if (!holders.TryGetValue(client, out var holder))
        {
            holders.Add(client, holder = new Holder(client));
        }

        return holder;
    }

    // Known are those that have something or want something, no others.
    private void Forget(Holder holder)
    {
        if (holder is { Taken: 0, IsInLine: false, Waiting.Count: 0 })
        {
            holders.Remove(holder.Client);
        }
    }

    private sealed class Holder(ClientId client)
    {
        public ClientId Client { get; } = client;

        public LinkedList<Wanted> Waiting { get; } = [];

        public long Taken { get; set; }

        public long WaitingBytes { get; set; }

        public bool IsInLine { get; set; }
    }

    private readonly record struct Wanted(long Bytes, TaskCompletionSource Turn);
}
