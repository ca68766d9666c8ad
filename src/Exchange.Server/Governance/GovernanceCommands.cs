using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.EventStore.Appending;
using Exchange.Server.Grpc;

namespace Exchange.Server.Governance;

/// <summary>Runs governance commands: decided under the partition's lock on the newest state, stored, and known to this node when they return.</summary>
internal sealed class GovernanceCommands(EventLog log, GovernanceStore store)
{
    private readonly GovernanceHandler handler = new(store);

    /// <summary>Runs a command whose event goes to this stream. A caller that retries sends the command again: each is idempotent or says that the thing is there.</summary>
    public Task<Result<T>> ExecuteAsync<T>(Caller caller, Guid stream, GovernanceCommand<T> command, CancellationToken cancellationToken)
        where T : notnull => ExecuteAsync(caller, [stream], command, cancellationToken);

    /// <summary>Runs a command whose events go to these streams, first the one it is about.</summary>
    public async Task<Result<T>> ExecuteAsync<T>(Caller caller, IReadOnlyList<Guid> streams, GovernanceCommand<T> command, CancellationToken cancellationToken)
        where T : notnull
    {
        var partition = log.Partitions.Governance;
        var unit = new GovernanceUnit<T>(partition, streams, caller, command)
        {
            Caller = caller.Department.Value,
            Client = caller.Client.Value,
            GovernanceHandler = handler,
        };
        var result = await log.AppendAsync(
            new AppendSubmission
            {
                Units = [unit],

                // A key of this call's own: with it the log finds out what became of a commit in doubt.
                Key = new IdempotencyKey(caller.Client.Value, Guid.NewGuid().ToString(), new byte[1]),
                KeyPartition = partition,
            },
            cancellationToken);
        if (result.Refusal is { } refusal)
        {
            return refusal.ToRefusal();
        }

        // Whoever wrote reads its write: on this node at once, on the others as soon as they follow.
        await store.WaitBeyondAsync(Math.Max(result.Units[0].LastPosition, unit.DecidedAt) - 1, cancellationToken);
        return unit.Value!;
    }
}
