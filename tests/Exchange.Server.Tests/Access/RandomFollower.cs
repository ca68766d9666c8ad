using Exchange.Server.Tests.Feed;
using Grpc.Core;

namespace Exchange.Server.Tests.Access;

/// <summary>
/// A reader that follows for as long as it may, and does as the hub tells it: forgets all and reads again from the beginning when its right ended, when
/// its columns changed and when it may see something else than before.
/// </summary>
internal sealed class RandomFollower(RandomHub hub, RandomReader reader) : IDisposable
{
    private Follower? _follower;

    public RandomReader Reader => reader;

    /// <summary>What it knows; null when it may not follow.</summary>
    public RandomHub.Seen? Seen { get; private set; }

    /// <summary>What it was told so far: records that came, records and fields that left, ends of rights, announcements; and how often it went on as it was.</summary>
    public (int Entered, int Withdrawn, int Ended, int Backfilled, int Resumed) Told { get; private set; }

    /// <summary>Begins after a pull.</summary>
    public async Task BeginAsync(RandomHub.Seen pulled, string checkpoint)
    {
        if (await TryFollowAsync(checkpoint))
        {
            _follower!.Know(pulled);
        }
    }

    /// <summary>Reads until all that these heads cover is known.</summary>
    public async Task ReadThroughAsync(IReadOnlyDictionary<int, long> heads)
    {
        var goesOn = _follower is not null;
        if (_follower is null && !await TryFollowAsync(null))
        {
            Seen = null;
            return;
        }

        while (!await TryReadAsync(heads))
        {
            goesOn = false;
            if (!await TryFollowAsync(null))
            {
                Seen = null;
                return;
            }
        }

        Told = Told with { Resumed = Told.Resumed + (goesOn ? 1 : 0) };
        Seen = [];
        foreach (var (id, values) in _follower!.Records)
        {
            Seen.Add(id, values);
        }
    }

    public void Dispose() => _follower?.Dispose();

    // False: what it knew is no longer what it may see.
    private async Task<bool> TryReadAsync(IReadOnlyDictionary<int, long> heads)
    {
        var known = _follower!.Changes.Count;
        try
        {
            await _follower.ReadThroughAsync(heads);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.PermissionDenied)
        {
            Assert.Equal("RIGHT_ENDED", e.Reason());
            Told = Told with { Ended = Told.Ended + 1 };
            return false;
        }

        var changes = _follower.Changes.Skip(known).ToLookup(change => change.Kind);
        var backfills = _follower.Backfills.Count;
        Told = Told with
        {
            Entered = Told.Entered + changes[Protos.V1.ChangeKind.Entered].Count(),
            Withdrawn = Told.Withdrawn + changes[Protos.V1.ChangeKind.Withdrawn].Count() + changes[Protos.V1.ChangeKind.Changed].Sum(change => change.WithdrawnColumns.Count),
            Backfilled = Told.Backfilled + backfills,
        };
        return backfills is 0 && _follower.Starts.Count is 1;
    }

    private async Task<bool> TryFollowAsync(string? checkpoint)
    {
        _follower?.Dispose();
        _follower = null;
        try
        {
            _follower = await hub.FollowAsync(reader, checkpoint);
            return true;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.PermissionDenied or StatusCode.InvalidArgument)
        {
            return false;
        }
    }
}
