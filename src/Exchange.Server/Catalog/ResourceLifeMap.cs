using System.Diagnostics;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Governance;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Exchange.Server.Catalog;

/// <summary>What is stored of a resource's life besides its publication: drafts and revocations.</summary>
internal static class ResourceLifeMap
{
    /// <summary>Stored name and payload.</summary>
    public static (string Type, IMessage Payload) ToStored(GovernanceEvent happened) => happened switch
    {
        GovernanceEvent.ResourceDraftSaved e => (
            GovernanceEventTypes.ResourceDraftSaved,
            new ResourceDraftSaved { Resource = e.Draft.ToProto(), Author = e.Author.Value, Time = Timestamp.FromDateTimeOffset(e.Time) }),
        GovernanceEvent.ResourceDraftSubmitted e => (
            GovernanceEventTypes.ResourceDraftSubmitted,
            new ResourceDraftSubmitted { Resource = ResourceMap.NameOf(e.Resource), Submitter = e.Submitter.Value, Time = Timestamp.FromDateTimeOffset(e.Time) }),
        GovernanceEvent.ResourceDraftRejected e => (
            GovernanceEventTypes.ResourceDraftRejected, new ResourceDraftRejected { Resource = ResourceMap.NameOf(e.Resource), Reason = e.Reason }),
        GovernanceEvent.ResourceDraftEnded e => (
            GovernanceEventTypes.ResourceDraftEnded, new ResourceDraftEnded { Resource = ResourceMap.NameOf(e.Resource), Approved = e.IsApproved }),
        GovernanceEvent.ResourceRevocationRequested e => (
            GovernanceEventTypes.ResourceRevocationRequested,
            new ResourceRevocationRequested { Resource = ResourceMap.NameOf(e.Resource), Reason = e.Reason, Requester = e.Requester.Value, Time = Timestamp.FromDateTimeOffset(e.Time) }),
        GovernanceEvent.ResourceRevocationRejected e => (
            GovernanceEventTypes.ResourceRevocationRejected, new ResourceRevocationRejected { Resource = ResourceMap.NameOf(e.Resource), Reason = e.Reason }),
        GovernanceEvent.ResourceRevoked e => (GovernanceEventTypes.ResourceRevoked, new ResourceRevoked { Resource = ResourceMap.NameOf(e.Resource), Time = Timestamp.FromDateTimeOffset(e.Time) }),
        _ => throw new UnreachableException($"governance event {happened.GetType().Name} is not of a resource's life"),
    };

    /// <summary>A stored event.</summary>
    public static GovernanceEvent FromStored(string type, ReadOnlySpan<byte> payload) => type switch
    {
        GovernanceEventTypes.ResourceDraftSaved => Saved(ResourceDraftSaved.Parser.ParseFrom(payload)),
        GovernanceEventTypes.ResourceDraftSubmitted => Submitted(ResourceDraftSubmitted.Parser.ParseFrom(payload)),
        GovernanceEventTypes.ResourceDraftRejected => Rejected(ResourceDraftRejected.Parser.ParseFrom(payload)),
        GovernanceEventTypes.ResourceDraftEnded => Ended(ResourceDraftEnded.Parser.ParseFrom(payload)),
        GovernanceEventTypes.ResourceRevocationRequested => Requested(ResourceRevocationRequested.Parser.ParseFrom(payload)),
        GovernanceEventTypes.ResourceRevocationRejected => RevocationRejected(ResourceRevocationRejected.Parser.ParseFrom(payload)),
        GovernanceEventTypes.ResourceRevoked => Revoked(ResourceRevoked.Parser.ParseFrom(payload)),
        _ => throw new UnreachableException($"governance event `{type}` is not of a resource's life"),
    };

    private static GovernanceEvent.ResourceDraftSaved Saved(ResourceDraftSaved e) => new(e.Resource.ToDraft(), new ClientId(e.Author), e.Time.ToDateTimeOffset());

    private static GovernanceEvent.ResourceDraftSubmitted Submitted(ResourceDraftSubmitted e) => new(IdOf(e.Resource), new ClientId(e.Submitter), e.Time.ToDateTimeOffset());

    private static GovernanceEvent.ResourceDraftRejected Rejected(ResourceDraftRejected e) => new(IdOf(e.Resource), e.Reason);

    private static GovernanceEvent.ResourceDraftEnded Ended(ResourceDraftEnded e) => new(IdOf(e.Resource), e.Approved);

    private static GovernanceEvent.ResourceRevocationRequested Requested(ResourceRevocationRequested e) => new(IdOf(e.Resource), e.Reason, new ClientId(e.Requester), e.Time.ToDateTimeOffset());

    private static GovernanceEvent.ResourceRevocationRejected RevocationRejected(ResourceRevocationRejected e) => new(IdOf(e.Resource), e.Reason);

    private static GovernanceEvent.ResourceRevoked Revoked(ResourceRevoked e) => new(IdOf(e.Resource), e.Time.ToDateTimeOffset());

    private static ResourceId IdOf(string name) => ResourceNames.Resource("resource", name).Value;
}
