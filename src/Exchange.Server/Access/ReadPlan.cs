using Exchange.Catalog.Access;

namespace Exchange.Server.Access;

/// <summary>An access plan ready to run on rows. Thread-safe.</summary>
/// <param name="plan">The plan.</param>
/// <param name="hashKey">Key of the reading department for HASH_KEYED.</param>
internal sealed class ReadPlan(AccessPlan plan, ReadOnlyMemory<byte> hashKey)
{
    /// <summary>The plan.</summary>
    public AccessPlan Plan { get; } = plan;

    /// <summary>Decides rows.</summary>
    public PlanEvaluator Evaluator { get; } = new(plan);

    /// <summary>Puts masks on values.</summary>
    public PlanMasks Masks { get; } = new(plan, hashKey);
}
