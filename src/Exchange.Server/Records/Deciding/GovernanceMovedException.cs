namespace Exchange.Server.Records.Deciding;

/// <summary>A unit was prepared for an older revision of its resource than another unit of the same transaction: prepare it anew.</summary>
public sealed class ResourceMovedException : Exception
{
    /// <summary>Says what to do.</summary>
    public ResourceMovedException()
        : base("the resource has a newer revision: resolve the push's header anew")
    {
    }
}
