using Exchange.Bench.Hubs;
using Exchange.Bench.Reporting;

namespace Exchange.Bench.Feed;

/// <summary>
/// The memory of a hub of its own, all of it, while 10 000 feeds are open and nothing happens but what idle feeds tell. Quick: with fewer, and the growth
/// per feed taken for 10 000.
/// </summary>
internal static class IdleFollowersBench
{
    private const int Wanted = 10_000;

    // 1 GB.
    private const double MostMiB = 953;

    // Each feed tells at least once how it stands.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan ShortIdle = TimeSpan.FromSeconds(3);

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        await using var hub = await stage.StartHubAsync("idle", cancellationToken);
        await hub.FillAsync(1_000, cancellationToken);
        var reader = await hub.City.DepartmentAsync(HubStage.Reader, cancellationToken);
        var before = hub.Process.ResidentMiB;
        await using var followers = new Followers();
        await followers.OpenAsync(reader, HubStage.Filled, stage.Size(Wanted, 500), cancellationToken);
        await Task.Delay(stage.IsQuick ? ShortIdle : Idle, cancellationToken);
        var resident = hub.Process.ResidentMiB;
        BenchStage.Say($"followers-idle: {before:0} MiB before, {resident:0} MiB with {followers.Count} followers, {(resident - before) * 1024 / followers.Count:0.0} KiB each");
        return [BenchResult.AtMost("followers-idle", "MiB of the hub, 10 000 followers", MostMiB, [new BenchRound(before + ((resident - before) / followers.Count * Wanted), null)])];
    }
}
