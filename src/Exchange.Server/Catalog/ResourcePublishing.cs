using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Server.Governance;
using Exchange.Server.Records.Subjects;

namespace Exchange.Server.Catalog;

/// <summary>Publishes resources: the subject table first, then the event, so that nobody ever sees a revision without its columns.</summary>
internal sealed class ResourcePublishing(GovernanceCommands commands, GovernanceStore store, SubjectTables tables, TimeProvider time) : IDisposable
{
    // One publication at a time on this node, so that no more than one of its connections waits for another node's.
    private readonly SemaphoreSlim turn = new(1);

    /// <summary>
    /// Publishes what a command decides on. What cannot be published adds no column; a crash in between leaves columns and indexes that the next try takes or
    /// replaces, and none that the published revision goes by is gone.
    /// </summary>
    public async Task<Result<ResourceDefinition>> PublishAsync(
        Caller caller, ResourceId id, GovernanceCommand<ResourceDefinition> command, CancellationToken cancellationToken)
    {
        // No name, however long or odd, comes into a table before the rules know it for one.
        if (!ResourceId.IsValid(id.Value) && command(store.Current, time.GetUtcNow()) is { IsRefused: true } refused)
        {
            return refused.Refusal;
        }

        await turn.WaitAsync(cancellationToken);
        try
        {
            await using var alone = await tables.LockAsync(id, cancellationToken);

            // INVARIANT: read under the lock. A state of a second ago may not know a column that another node has published since.
            var state = await store.ReadNewestAsync(cancellationToken);
            if (state.IsRefused)
            {
                return state.Refusal;
            }

            var now = time.GetUtcNow();
            var preview = command(state.Value, now);
            if (preview.IsRefused)
            {
                return preview.Refusal;
            }

            if (Administration.Forbid(state.Value, caller, preview.Value.Events, now) is { } forbidden)
            {
                return forbidden;
            }

            if (preview.Value.Value.Description.IsMounted)
            {
                await tables.EnsureAsync(preview.Value.Value, state.Value.LastResource(id), cancellationToken);
            }

            var published = await commands.ExecuteAsync(caller, [GovernanceStreams.Resource(id), GovernanceStreams.Draft(id)], command, cancellationToken);
            if (!published.IsRefused && published.Value.Description.IsMounted)
            {
                await tables.DropOtherIndexesAsync(published.Value, cancellationToken);
            }

            return published;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();
}
