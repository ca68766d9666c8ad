using Exchange.Catalog;
using Exchange.Catalog.Governance;
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

    /// <summary>Runs a command whose events go to these streams, first the one it is about. For commands that wait for nobody: see <see cref="ExecuteOrHoldAsync"/>.</summary>
    public async Task<Result<T>> ExecuteAsync<T>(Caller caller, IReadOnlyList<Guid> streams, GovernanceCommand<T> command, CancellationToken cancellationToken)
        where T : notnull
    {
        var executed = await ExecuteOrHoldAsync(caller, streams, command, cancellationToken);
        return executed.IsRefused ? executed.Refusal
            : executed.Value.Pending is null ? executed.Value.Value
            : throw new InvalidOperationException("a command that may wait for a second steward was run as one that does not");
    }

    /// <summary>Runs a command that may have to wait for a second steward: the thing as it stands or would stand, and the change that waits; null when it happened.</summary>
    public async Task<Result<(T Value, PendingChange? Pending)>> ExecuteOrHoldAsync<T>(
        Caller caller, IReadOnlyList<Guid> streams, GovernanceCommand<T> command, CancellationToken cancellationToken)
        where T : notnull
    {
        var (unit, result) = await AppendAsync(caller, streams, Guid.NewGuid().ToString(), command, cancellationToken);
        if (result.Refusal is { } refusal)
        {
            return refusal.ToRefusal();
        }

        // Whoever wrote reads its write: on this node at once, on the others as soon as they follow.
        await store.WaitBeyondAsync(Math.Max(result.Units[0].LastPosition, unit.DecidedAt) - 1, cancellationToken);
        return (unit.Value!, unit.Pending);
    }

    /// <summary>Runs a command once, whoever sends it with this key: another time nothing happens. Null when it is stored.</summary>
    public async Task<Refusal?> ExecuteOnceAsync(Caller caller, Guid stream, string key, GovernanceCommand<string> command, CancellationToken cancellationToken) =>
        (await AppendAsync(caller, [stream], key, command, cancellationToken)).Result.Refusal?.ToRefusal();

    private async Task<(GovernanceUnit<T> Unit, AppendResult Result)> AppendAsync<T>(
        Caller caller, IReadOnlyList<Guid> streams, string key, GovernanceCommand<T> command, CancellationToken cancellationToken)
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

                // With it the log finds out what became of a commit in doubt.
                Key = new IdempotencyKey(caller.Client.Value, key, new byte[1]),
                KeyPartition = partition,
            },
            cancellationToken);
        return (unit, result);
    }
}
