using System.Text.Json;
using System.Text.Json.Nodes;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Records;
using Exchange.EventStore;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Governance;
using Exchange.Server.Records.Events;
using Google.Protobuf;

namespace Exchange.Server.Audit;

/// <summary>
/// Payloads of stored events as JSON for people who look at the log. Of a record's event only which fields it wrote: its values are read under an
/// access plan and nowhere else. Secrets are left out.
/// </summary>
internal static class LogPayload
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The payload as JSON; an empty object for a type this version does not know. The state knows the fields' names.</summary>
    public static string ToJson(StoredEvent stored, GovernanceState state)
    {
        if (RecordEvent.Parse(stored) is { } recordEvent)
        {
            return ToJson(recordEvent, state);
        }

        var payload = stored.Payload.Span;
        IMessage? message = stored.Type switch
        {
            AuditEventTypes.ReadIntended => ReadIntended.Parser.ParseFrom(payload),
            AuditEventTypes.ReadCompleted => ReadCompleted.Parser.ParseFrom(payload),
            AuditEventTypes.ReadRefused => ReadRefused.Parser.ParseFrom(payload),
            GovernanceEventTypes.DepartmentRegistered => DepartmentRegistered.Parser.ParseFrom(payload),
            GovernanceEventTypes.DepartmentChanged => DepartmentChanged.Parser.ParseFrom(payload),
            GovernanceEventTypes.CategoriesDefined => CategoriesDefined.Parser.ParseFrom(payload),
            GovernanceEventTypes.CodeListPublished => CodeListPublished.Parser.ParseFrom(payload),
            GovernanceEventTypes.ResourcePublished => ResourcePublished.Parser.ParseFrom(payload),
            GovernanceEventTypes.SharingListChanged => SharingListChanged.Parser.ParseFrom(payload),
            GovernanceEventTypes.ClientRegistered => new ClientRegistered(ClientRegistered.Parser.ParseFrom(payload)) { SecretHash = "" },
            GovernanceEventTypes.ClientDisabled => ClientDisabled.Parser.ParseFrom(payload),
            GovernanceEventTypes.ClientKeyAdded => ClientKeyAdded.Parser.ParseFrom(payload),
            GovernanceEventTypes.ClientKeyRemoved => ClientKeyRemoved.Parser.ParseFrom(payload),
            GovernanceEventTypes.SigningKeyAdded => new SigningKeyAdded(SigningKeyAdded.Parser.ParseFrom(payload)) { SealedPrivateKey = ByteString.Empty },
            GovernanceEventTypes.UserCreated => new UserCreated(UserCreated.Parser.ParseFrom(payload)) { EnrolmentCodeHash = "" },
            GovernanceEventTypes.UserEnrolled => new UserEnrolled(UserEnrolled.Parser.ParseFrom(payload)) { PasswordHash = "", SealedTotpSecret = ByteString.Empty },
            GovernanceEventTypes.UserEnrolmentReset => new UserEnrolmentReset(UserEnrolmentReset.Parser.ParseFrom(payload)) { EnrolmentCodeHash = "" },
            GovernanceEventTypes.UserDisabled => UserDisabled.Parser.ParseFrom(payload),
            GovernanceEventTypes.GrantIssued => GrantIssued.Parser.ParseFrom(payload),
            GovernanceEventTypes.GrantRevoked => GrantRevoked.Parser.ParseFrom(payload),
            GovernanceEventTypes.GrantMoved => GrantMoved.Parser.ParseFrom(payload),
            GovernanceEventTypes.AgreementPublished => AgreementPublished.Parser.ParseFrom(payload),
            GovernanceEventTypes.AccessRequestMoved => AccessRequestMoved.Parser.ParseFrom(payload),
            GovernanceEventTypes.ChangeProposed => ChangeProposed.Parser.ParseFrom(payload),
            GovernanceEventTypes.ChangeReviewed => ChangeReviewed.Parser.ParseFrom(payload),
            GovernanceEventTypes.HubSettingsChanged => HubSettingsChanged.Parser.ParseFrom(payload),
            GovernanceEventTypes.ProposalsTold => ProposalsTold.Parser.ParseFrom(payload),
            GovernanceEventTypes.ResourceDraftSaved => ResourceDraftSaved.Parser.ParseFrom(payload),
            GovernanceEventTypes.ResourceDraftSubmitted => ResourceDraftSubmitted.Parser.ParseFrom(payload),
            GovernanceEventTypes.ResourceDraftRejected => ResourceDraftRejected.Parser.ParseFrom(payload),
            GovernanceEventTypes.ResourceDraftEnded => ResourceDraftEnded.Parser.ParseFrom(payload),
            GovernanceEventTypes.ResourceRevocationRequested => ResourceRevocationRequested.Parser.ParseFrom(payload),
            GovernanceEventTypes.ResourceRevocationRejected => ResourceRevocationRejected.Parser.ParseFrom(payload),
            GovernanceEventTypes.ResourceRevoked => ResourceRevoked.Parser.ParseFrom(payload),
            GovernanceEventTypes.PolicyRowSet => PolicyRowSet.Parser.ParseFrom(payload),
            GovernanceEventTypes.PolicyRowRemoved => PolicyRowRemoved.Parser.ParseFrom(payload),
            _ => null,
        };
        return message is null ? "{}" : Formatter.Format(message);
    }

    private static string ToJson(RecordEvent recordEvent, GovernanceState state)
    {
        var resource = state.LastResource(new ResourceId(recordEvent.Resource));
        JsonArray Names(IEnumerable<int> numbers) =>
            [.. numbers.Order().Select(number => (JsonNode)(resource is not null && resource.TryGetField(number, out var field) ? field.Name : $"{number}"))];

        var json = new JsonObject
        {
            ["resource"] = recordEvent.Resource,
            ["opener"] = recordEvent.Opener,
            ["sourceSystem"] = recordEvent.SourceSystem,
            ["purpose"] = recordEvent.Purpose,
            ["fields"] = Names(recordEvent.Changes.Select(change => change.Number)),
            ["sealedFields"] = Names(recordEvent.SealedFields),
            ["warnings"] = new JsonArray([.. recordEvent.Warnings.Select(warning => (JsonNode)warning)]),
        };
        if (recordEvent.Corrects > 0)
        {
            json["corrects"] = recordEvent.Corrects;
        }

        if (recordEvent.Stored.Type is RecordEventTypes.ValueDisputed)
        {
            var disputed = ValueDisputed.Parser.ParseFrom(recordEvent.Stored.Payload.Span);
            (json["disputedField"], json["readVersion"]) = (Names([disputed.Field])[0]!.DeepClone(), disputed.ReadVersion);
        }
        else if (recordEvent.Stored.Type is RecordEventTypes.ProposalDecided)
        {
            var decided = ProposalDecided.Parser.ParseFrom(recordEvent.Stored.Payload.Span);
            (json["proposal"], json["state"], json["acceptedFields"]) = (decided.Proposal, ((ProposalState)decided.State).ToString().ToUpperInvariant(), Names(decided.Accepted));
        }

        return json.ToJsonString(Plain);
    }
}
