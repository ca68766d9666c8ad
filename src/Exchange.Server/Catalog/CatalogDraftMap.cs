using Exchange.Catalog.Governance;
using Exchange.Catalog;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Catalog;

/// <summary>Turns drafts of resources into messages.</summary>
internal static class CatalogDraftMap
{
    /// <summary>The draft as a message, with what it would change and what speaks against it.</summary>
    public static Proto.ResourceDraft ToProto(this CatalogDraft draft, GovernanceState state, DateTimeOffset now)
    {
        var message = draft.ToProto(state);
        if (draft.IsOpen)
        {
            // As it would be published, with what the hub adds, if it can be.
            var (next, violations) = CatalogDraftRules.Preview(state, draft, now);
            var (differences, count) = ResourceDifferences.Cut(ResourceDifferences.Between(state.LastResource(draft.Content.Id)?.ToProto(), next?.ToProto() ?? message.Resource));
            message.Differences.AddRange(differences);
            message.DifferenceCount = count;
            message.Violations.AddRange(violations.Select(violation => new Proto.DraftViolation
            {
                Field = violation.Field, Reason = violation.Reason, Message = violation.Message,
            }));
        }

        return message;
    }

    /// <summary>The draft as a message.</summary>
    public static Proto.ResourceDraft ToProto(this CatalogDraft draft, GovernanceState state)
    {
        var message = new Proto.ResourceDraft
        {
            Name = $"{ResourceMap.NameOf(draft.Content.Id)}/draft",
            Resource = draft.Content.ToProto(),
            State = (Proto.ResourceState)draft.State,
            Author = draft.Author.Value,
            Submitter = draft.Submitter?.Value ?? "",
            RejectReason = draft.RejectReason,
            UpdateTime = Timestamp.FromDateTimeOffset(draft.UpdateTime),
            SubmitTime = Timestamps.Write(draft.SubmitTime),
            Etag = draft.EtagIn(state),
        };
        message.Resource.State = (Proto.ResourceState)state.StateOf(draft.Content.Id);
        return message;
    }

    /// <summary>A revocation as a message.</summary>
    public static Proto.ResourceRevocation ToProto(this ResourceRevocation revocation, ResourceId resource) => new()
    {
        Name = $"{ResourceMap.NameOf(resource)}/revocation",
        Reason = revocation.Reason,
        Requester = revocation.Requester.Value,
        RequestTime = Timestamp.FromDateTimeOffset(revocation.RequestTime),
        RejectReason = revocation.RejectReason,
        Etag = revocation.Etag,
    };
}
