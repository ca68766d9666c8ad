using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Audit;
using Exchange.Catalog.Governance;
using Exchange.EventStore;
using Exchange.Protos.Stored.V1;
using Google.Protobuf.Collections;

namespace Exchange.Server.Audit;

/// <summary>One entry of the audit trail: a read with how it ended, or a refusal.</summary>
/// <param name="Stored">The event that began it: the intent, or the refusal.</param>
/// <param name="Intent">What was to be read; null for a refusal.</param>
/// <param name="Refused">What was refused; null for a read.</param>
internal sealed record AuditedRead(StoredEvent Stored, ReadIntended? Intent, ReadRefused? Refused)
{
    /// <summary>What an entry of something refused has as its action.</summary>
    public const string RefusedAction = "refused";

    /// <summary>How the read ended and when; null while that is unknown: it still runs, or its node died.</summary>
    public (ReadCompleted Outcome, DateTimeOffset Time)? Completed { get; init; }

    /// <summary>True when it holds only what concerns one owner's fields.</summary>
    public bool IsOwnerView { get; private init; }

    /// <summary>What was done, as an entry tells it.</summary>
    public string Action => Intent?.Action ?? RefusedAction;

    /// <summary>The resource's id; empty when none was named that exists.</summary>
    public string Resource => Intent?.Resource ?? Refused!.Resource;

    /// <summary>The purpose's code.</summary>
    public int Purpose => Intent?.Purpose ?? Refused!.Purpose;

    /// <summary>Names of the fields read, or refused.</summary>
    public IReadOnlyList<string> Fields => Intent?.Fields ?? Refused!.Fields;

    /// <summary>gRPC status name; empty while it is not known.</summary>
    public string Outcome => Refused?.Status ?? Completed?.Outcome.Status ?? "";

    /// <summary>The entry that this event begins; null for any other event.</summary>
    public static AuditedRead? Of(StoredEvent stored) => stored.Type switch
    {
        AuditEventTypes.ReadIntended => new(stored, ReadIntended.Parser.ParseFrom(stored.Payload.Span), null),
        AuditEventTypes.ReadRefused => new(stored, null, ReadRefused.Parser.ParseFrom(stored.Payload.Span)),
        _ => null,
    };

    /// <summary>The read with the outcome that was stored in its stream.</summary>
    public AuditedRead With(StoredEvent outcome) => this with { Completed = (ReadCompleted.Parser.ParseFrom(outcome.Payload.Span), outcome.RecordedAt) };

    /// <summary>Those of its fields that the department owned, see <see cref="OwnedFields"/>.</summary>
    public ImmutableArray<string> FieldsOf(Department owner, GovernanceState state) =>
        state.LastResource(new ResourceId(Resource)) is { } resource ? OwnedFields.Of(resource, Fields, owner, RulesOf(owner.Id)) : [];

    /// <summary>
    /// What its owner is told of another department's read: who read which of the owner's fields when, why, through which masks, of how many rows and
    /// with which outcome. Nothing of fields of others: no filter, no order by them, no positions, and no record of which nothing was shown.
    /// </summary>
    /// <param name="owner">The owner.</param>
    /// <param name="fields">Its own among the fields.</param>
    /// <param name="resource">The resource.</param>
    public AuditedRead ForOwner(DepartmentId owner, IReadOnlyCollection<string> fields, ResourceDefinition resource)
    {
        if (Refused is { } refused)
        {
            var kept = new ReadRefused(refused);
            kept.Fields.Clear();
            kept.Fields.Add(fields);
            return this with { Refused = kept, IsOwnerView = true };
        }

        var outcome = Completed is var (completed, _) ? completed : null;
        var intent = new ReadIntended
        {
            Action = Intent!.Action,
            Resource = Intent.Resource,
            Purpose = Intent.Purpose,
            Fields = { fields },
            MaskedFields = { Intent.MaskedFields.Where(fields.Contains) },
            Masks = { Intent.Masks.Where(masks => fields.Contains(masks.Field)) },
            OrderBy = fields.Contains(Intent.OrderBy.Split(' ')[0]) ? Intent.OrderBy : "",
        };
        if (outcome?.Rows > 0)
        {
            (intent.Record, intent.AsOfPosition, intent.AsOfTime) = (Intent.Record, Intent.AsOfPosition, Intent.AsOfTime);
        }

        return this with { Intent = intent, Completed = outcome is null ? null : (ForOwner(outcome, owner, fields, resource), Completed!.Value.Time), IsOwnerView = true };
    }

    private static ReadCompleted ForOwner(ReadCompleted outcome, DepartmentId owner, IReadOnlyCollection<string> fields, ResourceDefinition resource)
    {
        var own = outcome.Owners.FirstOrDefault(rows => rows.Department == owner.Value);
        var ownsEveryRow = fields.Any(field => OwnedFields.IsFixed(resource, field, owner));
        return new ReadCompleted
        {
            Rows = ownsEveryRow || own is null ? outcome.Rows : own.Rows,
            Status = outcome.Status,
            Reason = outcome.Reason,
            TellsOwners = outcome.TellsOwners,
            Owners = { own is null ? [] : [own] },
        };
    }

    // Null where it is not known whose records were read. What was refused, or showed nothing, showed nobody's.
    private RepeatedField<string>? RulesOf(DepartmentId owner) => (Refused, Completed) switch
    {
        (not null, _) => [],
        (_, null) => null,
        (_, { Outcome: { Rows: 0 } }) => [],
        (_, { Outcome: { TellsOwners: true } outcome }) => outcome.Owners.FirstOrDefault(rows => rows.Department == owner.Value)?.By ?? [],
        _ => null,
    };
}
