using System.Collections.Concurrent;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Records;

namespace Exchange.Server.Records.Push;

/// <summary>
/// The push plans of this node: resolved on the newest governance state, kept until governance moves on or something in them ends. Callers that push one
/// record a call send the same header again and again.
/// </summary>
internal sealed class PushPlans
{
    /// <summary>Plans that are kept at most.</summary>
    public const int MostPlans = 1_000;

    private volatile Generation generation = new(GovernanceState.Empty);

    /// <summary>The plan of a header, or everything that is wrong with it.</summary>
    public Result<PushPlan> Find(GovernanceState state, Caller caller, PushedHeader header, DateTimeOffset now)
    {
        var plans = PlansOf(state);
        var key = new Key(caller, header);
        if (plans.TryGetValue(key, out var known) && known.IsCurrent(now))
        {
            return known;
        }

        var plan = PushPlan.Resolve(state, caller, header, now);
        if (!plan.IsRefused)
        {
            if (plans.Count >= MostPlans)
            {
                // Rare, and cheap: each is resolved once more. Kept full, it would serve whoever sent the most headers, and nobody else.
                plans.Clear();
            }

            plans[key] = plan.Value;
        }

        return plan;
    }

    private ConcurrentDictionary<Key, PushPlan> PlansOf(GovernanceState state)
    {
        var current = generation;
        if (current.State.Position < state.Position)
        {
            generation = current = new Generation(state);
        }

        // A state that another thread already went beyond keeps nothing.
        return ReferenceEquals(current.State, state) ? current.Plans : new Generation(state).Plans;
    }

    private sealed class Generation(GovernanceState state)
    {
        public GovernanceState State { get; } = state;

        public ConcurrentDictionary<Key, PushPlan> Plans { get; } = new();
    }

    /// <summary>Headers are the same when their fields are, one by one.</summary>
    private readonly record struct Key(Caller Caller, PushedHeader Header)
    {
        public bool Equals(Key other) =>
            Caller == other.Caller
            && (Header.Resource, Header.SourceSystem, Header.UnownedFields, Header.Purpose) == (other.Header.Resource, other.Header.SourceSystem, other.Header.UnownedFields, other.Header.Purpose)
            && Header.Fields.SequenceEqual(other.Header.Fields, StringComparer.Ordinal);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.Add(Caller);
            hash.Add(Header.Resource);
            hash.Add(Header.SourceSystem);
            foreach (var field in Header.Fields)
            {
                hash.Add(field, StringComparer.Ordinal);
            }

            return hash.ToHashCode();
        }
    }
}
