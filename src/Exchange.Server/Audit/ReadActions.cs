namespace Exchange.Server.Audit;

/// <summary>Stored words for kinds of reads.</summary>
internal static class ReadActions
{
    /// <summary>A pull.</summary>
    public const string Pull = "pull";

    /// <summary>A follow.</summary>
    public const string Follow = "follow";

    /// <summary>One record.</summary>
    public const string Get = "get";

    /// <summary>One record's history.</summary>
    public const string History = "history";

    /// <summary>One value of a record, which is disputed.</summary>
    public const string Dispute = "dispute";

    /// <summary>A proposal of values of a record.</summary>
    public const string Proposal = "proposal";

    /// <summary>The caller's access plan.</summary>
    public const string Plan = "plan";

    /// <summary>A department's access plan, explained.</summary>
    public const string Explain = "explain";
}
