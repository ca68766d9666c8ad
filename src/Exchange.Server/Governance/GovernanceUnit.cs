using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.EventStore.Appending;
using Exchange.Server.Identity;

namespace Exchange.Server.Governance;

/// <summary>Decides on the newest state at the time of the append: the thing as it stands afterwards, and the event to store, if any.</summary>
internal delegate Result<GovernanceDecision<T>> GovernanceCommand<T>(GovernanceState state, DateTimeOffset now)
    where T : notnull;

/// <summary>One governance command in the append transaction.</summary>
internal abstract class GovernanceUnit(int partition, IReadOnlyList<Guid> streams) : AppendUnit(partition)
{
    /// <summary>The streams its events go to, first the one it is about.</summary>
    public IReadOnlyList<Guid> Streams { get; } = streams;

    /// <summary>The stream that an event goes to: its own where the command named it, or else the one that the command is about.</summary>
    public Guid StreamOf(GovernanceEvent happened) => GovernanceStreams.For(happened, Streams[0]) is var own && Streams.Contains(own) ? own : Streams[0];

    /// <summary>Reads the events this node does not have yet.</summary>
    public required GovernanceHandler GovernanceHandler { get; init; }

    /// <inheritdoc/>
    public override IAppendHandler Handler => GovernanceHandler;

    /// <inheritdoc/>
    public override IReadOnlyCollection<Guid> VersionedStreams => Streams;

    /// <summary>The events to store, none, or the refusal. May run more than once.</summary>
    public abstract Result<GovernanceDecision<object>> Decide(GovernanceState state, DateTimeOffset now);

    /// <summary>
    /// Whatever the command: what policy rows forbid its author to administer does not happen, and what waits for a second person becomes a change that waits. The
    /// events to store, and that change; null when the decision happens.
    /// </summary>
    public static Result<(ImmutableArray<GovernanceEvent> Events, PendingChange? Pending)> Settle(
        GovernanceState state, Caller author, ImmutableArray<GovernanceEvent> events, DateTimeOffset now)
    {
        if (Administration.Forbid(state, author, events, now) is { } forbidden)
        {
            return forbidden;
        }

        var held = FourEyes.Hold(state, author, events, new PendingChangeId(Guid.CreateVersion7().ToString()), now);
        return held.IsRefused ? held.Refusal : held.Value switch
        {
            (null, _) => (events, null),
            (var change, true) => ([new GovernanceEvent.ChangeProposed(change)], change),
            (var change, false) => ([], change),
        };
    }
}

/// <summary>A command of an author with what it came to.</summary>
internal sealed class GovernanceUnit<T>(int partition, IReadOnlyList<Guid> streams, Caller author, GovernanceCommand<T> command) : GovernanceUnit(partition, streams)
    where T : notnull
{
    /// <summary>What the latest attempt came to: the committed one once the append is done.</summary>
    public T? Value { get; private set; }

    /// <summary>The change that the latest attempt became instead of happening, waiting for a second steward; null when it happened.</summary>
    public PendingChange? Pending { get; private set; }

    /// <summary>Position of the state that the latest attempt was decided on.</summary>
    public long DecidedAt { get; private set; }

    /// <inheritdoc/>
    public override Result<GovernanceDecision<object>> Decide(GovernanceState state, DateTimeOffset now)
    {
        // Its token was good when the call came in. Until now somebody else may have decided on its author.
        if (AuthorGone(state) is { } gone)
        {
            return gone;
        }

        var decision = command(state, now);
        if (decision.IsRefused)
        {
            return decision.Refusal;
        }

        var settled = Settle(state, author, decision.Value.Events, now);
        if (settled.IsRefused)
        {
            return settled.Refusal;
        }

        (Value, Pending, DecidedAt) = (decision.Value.Value, settled.Value.Pending, state.Position);
        return new GovernanceDecision<object>(decision.Value.Value, settled.Value.Events);
    }

    // Callers of the external issuer, the hub itself and a first caller that registers itself are not in the state.
    private Refusal? AuthorGone(GovernanceState state)
    {
        if (UserId.Of(author.Client) is { } id)
        {
            return state.Users.GetValueOrDefault(id.Value) is not { } user ? null
                : user.IsDisabled ? IdentityReasons.UserDisabled
                : user.Role != author.Role || user.Department != author.Department ? IdentityReasons.TokenInvalid
                : null;
        }

        return state.Clients.GetValueOrDefault(author.Client.Value) is not { } client ? null
            : client.IsDisabled ? IdentityReasons.ClientDisabled
            : client.Role != author.Role || client.Department != author.Department ? IdentityReasons.TokenInvalid
            : null;
    }
}
