namespace Exchange.Server.Audit;

/// <summary>Stored names of audit events. They stand in every log for good.</summary>
internal static class AuditEventTypes
{
    /// <summary>Written before the first row leaves.</summary>
    public const string ReadIntended = "read-intended";

    /// <summary>The outcome, in the same stream as its intent.</summary>
    public const string ReadCompleted = "read-completed";

    /// <summary>Refused before anything was read.</summary>
    public const string ReadRefused = "read-refused";
}
