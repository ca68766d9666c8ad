using Exchange.EventStore;
using Exchange.Protos.Stored.V1;

namespace Exchange.Server.Audit;

/// <summary>One entry of the audit trail: a read with how it ended, or a refusal.</summary>
/// <param name="Stored">The event that began it: the intent, or the refusal.</param>
/// <param name="Intent">What was to be read; null for a refusal.</param>
/// <param name="Refused">What was refused; null for a read.</param>
internal sealed record AuditedRead(StoredEvent Stored, ReadIntended? Intent, ReadRefused? Refused)
{
    /// <summary>How the read ended and when; null while that is unknown: it still runs, or its node died.</summary>
    public (ReadCompleted Outcome, DateTimeOffset Time)? Completed { get; init; }

    /// <summary>The entry that this event begins; null for any other event.</summary>
    public static AuditedRead? Of(StoredEvent stored) => stored.Type switch
    {
        AuditEventTypes.ReadIntended => new(stored, ReadIntended.Parser.ParseFrom(stored.Payload.Span), null),
        AuditEventTypes.ReadRefused => new(stored, null, ReadRefused.Parser.ParseFrom(stored.Payload.Span)),
        _ => null,
    };
}
