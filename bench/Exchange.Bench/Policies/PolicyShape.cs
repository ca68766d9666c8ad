using Exchange.Policy.Enforcement;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;

namespace Exchange.Bench.Policies;

/// <summary>A model, a policy and the requests that are asked of it in turn, with the goals. Null where the issue sets none.</summary>
/// <param name="Name">Name in the report.</param>
/// <param name="Model">Model text.</param>
/// <param name="Policy">Policy text.</param>
/// <param name="Requests">Requests, asked round and round. Their texts are not the policy's instances.</param>
internal sealed record PolicyShape(string Name, string Model, string Policy, IReadOnlyList<PolicyValue[]> Requests)
{
    /// <summary>Builds the snapshot; from the texts when nothing else does.</summary>
    public Func<PolicySnapshot> Build { get; init; } = () => PolicySnapshot.Build(PolicyModel.Parse(Model).Value!, PolicyRules.Parse(Policy).Value!).Value
        ?? throw new InvalidOperationException($"{Name} is refused");

    /// <summary>Longest decision, in nanoseconds.</summary>
    public double Nanoseconds { get; init; } = 1_000;

    /// <summary>How many times faster than looking at every rule.</summary>
    public double? OverScan { get; init; }

    /// <summary>How many times faster than npm `casbin`.</summary>
    public double? OverCasbin { get; init; }
}
