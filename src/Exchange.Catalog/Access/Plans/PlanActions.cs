using System.Diagnostics;

namespace Exchange.Catalog.Access;

/// <summary>Which action of the policies a plan is compiled for.</summary>
public static class PlanActions
{
    /// <summary>The action that rows name: reading stands for every read that has no action of its own.</summary>
    public static PolicyAction ToPolicyAction(this PlanAction action) => action switch
    {
        PlanAction.Pull or PlanAction.Get or PlanAction.History => PolicyAction.Read,
        PlanAction.Follow => PolicyAction.Follow,
        PlanAction.Match => PolicyAction.Match,
        PlanAction.Export => PolicyAction.Export,
        PlanAction.Write => PolicyAction.Write,
        PlanAction.Propose => PolicyAction.Propose,
        _ => throw new UnreachableException($"plan action {action}"),
    };

    /// <summary>The plan that tells about an action of rows; unspecified for administering, which has no records.</summary>
    public static PlanAction ToPlanAction(this PolicyAction action) => action switch
    {
        PolicyAction.Read => PlanAction.Get,
        PolicyAction.Follow => PlanAction.Follow,
        PolicyAction.Match => PlanAction.Match,
        PolicyAction.Export => PlanAction.Export,
        PolicyAction.Write => PlanAction.Write,
        PolicyAction.Propose => PlanAction.Propose,
        _ => PlanAction.Unspecified,
    };

    /// <summary>True for pushing: who owns a field decides, rows only forbid, and grants and sharing lists say nothing.</summary>
    internal static bool IsPush(this PlanAction action) => action is PlanAction.Write or PlanAction.Propose;
}
