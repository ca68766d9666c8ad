namespace Exchange.Server.Records.Deciding;

/// <summary>A unit was prepared under a state of governance that is no longer, or no longer known to be, the one to decide by: prepare it anew.</summary>
public sealed class GovernanceMovedException : Exception
{
    /// <summary>Says what to do.</summary>
    public GovernanceMovedException()
        : base("the catalog, a sharing list, a grant or a policy row has changed: resolve the push's header anew")
    {
    }
}
