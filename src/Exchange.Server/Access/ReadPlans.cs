using System.Collections.Concurrent;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Server.Governance;
using Exchange.Server.Hosting;

namespace Exchange.Server.Access;

/// <summary>
/// The access plans of this node: compiled on the newest governance state, kept until governance moves on or something in them ends. The one way
/// from a caller to what it may read.
/// </summary>
internal sealed class ReadPlans(GovernanceStore governance, HubSecrets secrets, TimeProvider time)
{
    private const int MostPlans = 20_000;

    private readonly ConcurrentDictionary<DepartmentId, byte[]> hashKeys = new();
    private volatile Generation generation = new(-1);

    /// <summary>
    /// The plan of a caller. Refused: GOVERNANCE_NOT_CONFIRMED, RESOURCE_NOT_FOUND, PURPOSE_REQUIRED. A caller that may read nothing gets a plan
    /// that says so.
    /// </summary>
    public async Task<Result<ReadPlan>> FindAsync(Caller caller, ResourceId resource, PlanAction action, Purpose purpose, CancellationToken cancellationToken)
    {
        var state = await governance.ConfirmAsync(cancellationToken);
        return state.IsRefused ? state.Refusal : Find(state.Value, caller, resource, action, purpose);
    }

    /// <summary>As <see cref="FindAsync"/>, under a state that the caller confirmed.</summary>
    /// <param name="state">Governance.</param>
    /// <param name="caller">For whom.</param>
    /// <param name="resource">Of which records.</param>
    /// <param name="action">What for.</param>
    /// <param name="purpose">Why.</param>
    /// <param name="isAddressMadeUp">True when nobody calls from the caller's address: a plan that counts for it alone is not kept, or asking for many would leave no room.</param>
    public Result<ReadPlan> Find(GovernanceState state, Caller caller, ResourceId resource, PlanAction action, Purpose purpose, bool isAddressMadeUp = false)
    {
        var now = time.GetUtcNow();
        var plans = PlansOf(state.RightsPosition);

        // Most plans count for calls from everywhere; the others are kept by address.
        var key = new Key(caller.Department, caller.Role, resource, action, purpose, null);
        if ((plans.TryGetValue(key, out var known) && known.Plan is { DependsOnNetwork: false } shared && shared.IsCurrent(now))
            || (plans.TryGetValue(key with { Network = caller.Network }, out known) && known.Plan.IsCurrent(now)))
        {
            return known;
        }

        var compiled = AccessPlanCompiler.Compile(state, caller, resource, action, purpose, state.RightsPosition, now);
        if (compiled.IsRefused)
        {
            return compiled.Refusal;
        }

        // Readers of one department may compare what they got; two departments may not, so each has a key of its own.
        var hashKey = hashKeys.GetOrAdd(caller.Department, department => secrets.Derive($"mask/1/{department}"));
        var plan = new ReadPlan(compiled.Value, hashKey);
        if (plans.Count < MostPlans && !(isAddressMadeUp && compiled.Value.DependsOnNetwork))
        {
            plans[compiled.Value.DependsOnNetwork ? key with { Network = caller.Network } : key] = plan;
        }

        return plan;
    }

    private ConcurrentDictionary<Key, ReadPlan> PlansOf(long position)
    {
        var current = generation;
        if (current.Position < position)
        {
            generation = current = new Generation(position);
        }

        // A state that another thread already went beyond keeps nothing.
        return current.Position == position ? current.Plans : new Generation(position).Plans;
    }

    private sealed class Generation(long position)
    {
        public long Position { get; } = position;

        public ConcurrentDictionary<Key, ReadPlan> Plans { get; } = new();
    }

    private readonly record struct Key(DepartmentId Department, Role Role, ResourceId Resource, PlanAction Action, Purpose Purpose, string? Network);
}
