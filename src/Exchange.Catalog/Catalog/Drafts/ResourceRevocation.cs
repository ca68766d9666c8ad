namespace Exchange.Catalog;

/// <summary>A revocation that somebody asked for.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Requester">Who asked.</param>
/// <param name="RequestTime">When.</param>
/// <param name="RejectReason">Why it was rejected; empty while it is open.</param>
public sealed record ResourceRevocation(string Reason, ClientId Requester, DateTimeOffset RequestTime, string RejectReason)
{
    /// <summary>True while it waits for its review.</summary>
    public bool IsOpen => RejectReason.Length is 0;

    /// <summary>Another for each request.</summary>
    public string Etag => $"v{RequestTime.UtcTicks}";
}
