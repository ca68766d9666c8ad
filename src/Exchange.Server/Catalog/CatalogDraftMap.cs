using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Catalog;

/// <summary>Turns drafts of resources into messages.</summary>
internal static class CatalogDraftMap
{
    /// <summary>The draft as a message, with what it would change and what speaks against it.</summary>
    public static Proto.ResourceDraft ToProto(this CatalogDraft draft, GovernanceState state, DateTimeOffset now)
    {
        var message = draft.ToProto();
        if (draft.IsOpen)
        {
            // As it would be published, with what the hub adds, if it can be.
            var next = ResourceRules.Publish(state, draft.Content, now).TryGetValue(out var published, out _) ? published.Value.ToProto() : message.Resource;
            message.Differences.AddRange(ResourceDifferences.Between(state.LastResource(draft.Content.Id)?.ToProto(), next));
            message.Violations.AddRange(CatalogDraftRules.Violations(state, draft, now).Select(violation => new Proto.DraftViolation
            {
                Field = violation.Field, Reason = violation.Reason, Message = violation.Message,
            }));
        }

        return message;
    }

    /// <summary>The draft as a message.</summary>
    public static Proto.ResourceDraft ToProto(this CatalogDraft draft) => new()
    {
        Name = $"{ResourceMap.NameOf(draft.Content.Id)}/draft",
        Resource = draft.Content.ToProto(),
        State = (Proto.ResourceState)draft.State,
        Author = draft.Author.Value,
        Submitter = draft.Submitter?.Value ?? "",
        RejectReason = draft.RejectReason,
        UpdateTime = Timestamp.FromDateTimeOffset(draft.UpdateTime),
        SubmitTime = draft.SubmitTime is { } submitted ? Timestamp.FromDateTimeOffset(submitted) : null,
        Etag = draft.Etag,
    };
}
