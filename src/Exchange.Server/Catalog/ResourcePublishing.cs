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
    /// Publishes a draft. What cannot be published adds no column; a crash in between leaves columns and indexes that the next try takes or replaces, and
    /// none that the published revision goes by is gone.
    /// </summary>
    public async Task<Result<ResourceDefinition>> PublishAsync(Caller caller, ResourceDraft draft, CancellationToken cancellationToken)
    {
        // No name, however long or odd, comes into a table before the rules know it for one.
        if (!ResourceId.IsValid(draft.Id.Value) && Decide(store.Current, caller, draft, time.GetUtcNow()) is { IsRefused: true } refused)
        {
            return refused.Refusal;
        }

        await turn.WaitAsync(cancellationToken);
        try
        {
            await using var alone = await tables.LockAsync(draft.Id, cancellationToken);

            // INVARIANT: read under the lock. A state of a second ago may not know a column that another node has published since.
            var state = await store.ReadNewestAsync(cancellationToken);
            if (state.IsRefused)
            {
                return state.Refusal;
            }

            var now = time.GetUtcNow();
            var preview = Decide(state.Value, caller, draft, now);
            if (preview.IsRefused)
            {
                return preview.Refusal;
            }

            if (preview.Value.Event is { } change && Administration.Forbid(state.Value, caller, change, now) is { } forbidden)
            {
                return forbidden;
            }

            await tables.EnsureAsync(preview.Value.Value, state.Value.Resources.GetValueOrDefault(draft.Id.Value), cancellationToken);
            var published = await commands.ExecuteAsync(
                caller, GovernanceStreams.Resource(draft.Id), (newest, now) => Decide(newest, caller, draft, now), cancellationToken);
            if (!published.IsRefused)
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

    private static Result<GovernanceDecision<ResourceDefinition>> Decide(GovernanceState state, Caller caller, ResourceDraft draft, DateTimeOffset now)
    {
        // Taking over another department's resource needs that department's steward, or the operator.
        if (state.Resources.TryGetValue(draft.Id.Value, out var current) && GovernanceRoles.RequireKeeper(caller, current.Department) is { } refusal)
        {
            return refusal;
        }

        return ResourceRules.Publish(state, draft, now);
    }
}
