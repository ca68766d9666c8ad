using Exchange.Catalog;
using Exchange.EventStore.Appending;
using Exchange.Server.Governance;
using Exchange.Server.Hosting;
using Npgsql;

namespace Exchange.Server.Access.Requests;

/// <summary>
/// Tells what time brings to requests and grants: limits that are near or over, starts, renewals, ends. Every node looks; each step is decided under the lock and told
/// once. No right hangs on it: plans know by themselves when a grant starts and ends.
/// </summary>
internal sealed partial class DeadlineRunner(HubOptions options, GovernanceStore store, GovernanceCommands commands, TimeProvider time, ILogger<DeadlineRunner> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var (request, grant) in Deadlines.Due(store.Current, time.GetUtcNow()))
                {
                    await TellAsync(request, grant, stoppingToken);
                }
            }
            catch (Exception e) when (e is NpgsqlException or AppendInDoubtException)
            {
                Log.NotTold(logger, "the database does not answer; it is tried again", e);
            }
            catch (TimeZoneNotFoundException e)
            {
                Log.NotTold(logger, "this machine lacks the time zone of the hub's settings: install the time zone data (package tzdata)", e);
            }
        }
    }

    private async Task TellAsync(AccessRequestId? request, GrantId? grant, CancellationToken cancellationToken)
    {
        var hub = HubActor.Of(options);
        var refusal = request is { } id
            ? (await commands.ExecuteAsync(hub, GovernanceStreams.AccessRequest(id), (state, now) => Deadlines.Tell(state, id, now), cancellationToken)).Refusal
            : (await commands.ExecuteAsync(hub, GovernanceStreams.Grant(grant!.Value), (state, now) => Deadlines.Tell(state, grant.Value, now), cancellationToken)).Refusal;
        if (refusal is not null)
        {
            Log.NotTold(logger, refusal.Message, null);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "a limit is not told: {Reason}")]
        public static partial void NotTold(ILogger logger, string reason, Exception? exception);
    }
}
