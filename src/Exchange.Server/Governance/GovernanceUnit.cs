using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.EventStore.Appending;

namespace Exchange.Server.Governance;

/// <summary>Decides on the newest state at the time of the append: the thing as it stands afterwards, and the event to store, if any.</summary>
internal delegate Result<GovernanceDecision<T>> GovernanceCommand<T>(GovernanceState state, DateTimeOffset now)
    where T : notnull;

/// <summary>One governance command in the append transaction.</summary>
internal abstract class GovernanceUnit(int partition, Guid stream) : AppendUnit(partition)
{
    /// <summary>The stream its event goes to.</summary>
    public Guid Stream { get; } = stream;

    /// <summary>Reads the events this node does not have yet.</summary>
    public required GovernanceHandler GovernanceHandler { get; init; }

    /// <inheritdoc/>
    public override IAppendHandler Handler => GovernanceHandler;

    /// <inheritdoc/>
    public override IReadOnlyCollection<Guid> VersionedStreams => [Stream];

    /// <summary>The event to store, none, or the refusal. May run more than once.</summary>
    public abstract Result<GovernanceDecision<object>> Decide(GovernanceState state, DateTimeOffset now);
}

/// <summary>A command of an author with what it came to.</summary>
internal sealed class GovernanceUnit<T>(int partition, Guid stream, Caller author, GovernanceCommand<T> command) : GovernanceUnit(partition, stream)
    where T : notnull
{
    /// <summary>What the latest attempt came to: the committed one once the append is done.</summary>
    public T? Value { get; private set; }

    /// <inheritdoc/>
    public override Result<GovernanceDecision<object>> Decide(GovernanceState state, DateTimeOffset now)
    {
        var decision = command(state, now);
        if (decision.IsRefused)
        {
            return decision.Refusal;
        }

        // Whatever the command: what policy rows forbid its author to administer does not happen.
        if (decision.Value.Event is { } change && Administration.Forbid(state, author, change, now) is { } forbidden)
        {
            return forbidden;
        }

        Value = decision.Value.Value;
        return new GovernanceDecision<object>(decision.Value.Value, decision.Value.Event);
    }
}
