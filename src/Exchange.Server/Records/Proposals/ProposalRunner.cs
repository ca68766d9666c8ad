using Exchange.Catalog;
using Exchange.Catalog.Records;
using Exchange.EventStore.Appending;
using Exchange.Server.Governance;
using Exchange.Server.Hosting;
using Npgsql;

namespace Exchange.Server.Records.Proposals;

/// <summary>
/// Lets proposals lapse whose owners did not answer in time, and tells departments of all that became of proposals. Every node looks; a lapse is decided under its
/// record's lock, so it comes once.
/// </summary>
internal sealed partial class ProposalRunner(
    HubOptions options, GovernanceStore store, ProposalTable table, ProposalWriter writer, ProposalNotices notices, TimeProvider time, ILogger<ProposalRunner> logger)
    : BackgroundService
{
    private const int MostAtOnce = 1_000;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LapseAsync(stoppingToken);
                if (await notices.TellAsync(stoppingToken) is { } refusal)
                {
                    Log.NotDone(logger, refusal.Message, null);
                }
            }
            catch (Exception e) when (e is NpgsqlException or AppendInDoubtException)
            {
                Log.NotDone(logger, "the database does not answer; it is tried again", e);
            }
        }
    }

    private async Task LapseAsync(CancellationToken cancellationToken)
    {
        var state = store.Current;
        string[] resources = [.. state.Resources.Values.Select(resource => resource.Id).Where(id => !ResourceLookup.Mounted(state, id).IsRefused).Select(id => id.Value)];
        var due = await table.DueAsync(time.GetUtcNow(), resources, MostAtOnce, cancellationToken);
        foreach (var group in due.GroupBy(row => (row.Partition, row.Resource)))
        {
            var resource = state.LastResource(new ResourceId(group.Key.Resource));
            string[] fields = [.. group.SelectMany(row => row.Proposal.Fields).Distinct().Select(number => ProposalMap.NameOf(resource, number))];
            var lapsed = await writer.WriteAsync(
                HubActor.Of(options),
                new ResourceId(group.Key.Resource),
                group.Key.Partition,
                fields,
                [.. group.Select(row => (row.RecordId, (ProposalStep)new ProposalStep.Decision(row.Proposal.Version, ProposalState.Lapsed, [], "", 0, ProposalRules.Lapse) { MaySkip = true }))],
                cancellationToken);
            if (lapsed.Refusal is { } refusal)
            {
                Log.NotDone(logger, refusal.Message, null);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "proposals do not lapse or are not told of: {Reason}")]
        public static partial void NotDone(ILogger logger, string reason, Exception? exception);
    }
}
