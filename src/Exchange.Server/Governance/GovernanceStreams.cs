using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog;
using Exchange.Catalog.Governance;

namespace Exchange.Server.Governance;

/// <summary>
/// Streams of the governance partition: one for each department, code list, resource, resource's drafts, sharing list, client, user, grant, agreement, access request and
/// policy row, one for all categories, one for all signing keys, one for the hub's settings and one for notices of proposals. Ids are name-based UUIDs (RFC 9562, version 8) of SHA-256; they stand in every log for good.
/// </summary>
internal static class GovernanceStreams
{
    /// <summary>The stream of all categories: they are defined together.</summary>
    public static Guid Categories { get; } = Of("categories");

    /// <summary>The stream of what departments are told of proposals.</summary>
    public static Guid Proposals { get; } = Of("proposals");

    /// <summary>A department's stream.</summary>
    public static Guid Department(DepartmentId id) => Of($"departments/{id}");

    /// <summary>A code list's stream.</summary>
    public static Guid CodeList(CodeListId id) => Of($"codeLists/{id}");

    /// <summary>A resource's stream.</summary>
    public static Guid Resource(ResourceId id) => Of($"resources/{id}");

    /// <summary>The stream of a resource's drafts: apart from its revisions, of which there are fewer.</summary>
    public static Guid Draft(ResourceId id) => Of($"resources/{id}/draft");

    /// <summary>The stream that an event goes to: its own, or else the one that its command is about.</summary>
    public static Guid For(GovernanceEvent happened, Guid about) => happened switch
    {
        GovernanceEvent.ResourceDraftSaved e => Draft(e.Draft.Id),
        GovernanceEvent.ResourceDraftSubmitted e => Draft(e.Resource),
        GovernanceEvent.ResourceDraftRejected e => Draft(e.Resource),
        GovernanceEvent.ResourceDraftEnded e => Draft(e.Resource),
        GovernanceEvent.GrantIssued e => Grant(e.Grant.Id),
        GovernanceEvent.GrantMoved e => Grant(e.Grant.Id),
        GovernanceEvent.PolicyRowSet e => PolicyRow(e.Row.Id),
        GovernanceEvent.PolicyRowRemoved e => PolicyRow(e.Row),
        GovernanceEvent.AccessRequestMoved e => AccessRequest(e.Request.Id),
        GovernanceEvent.SharingListChanged e => SharingList(e.SharingList.Department, e.SharingList.Resource),
        _ => about,
    };

    /// <summary>A sharing list's stream.</summary>
    public static Guid SharingList(DepartmentId department, ResourceId resource) => Of($"departments/{department}/sharingLists/{resource}");

    /// <summary>A client's stream: its id is unique in the hub.</summary>
    public static Guid Client(ClientId id) => Of($"clients/{id}");

    /// <summary>The stream of the keys that sign access tokens.</summary>
    public static Guid SigningKeys { get; } = Of("signingKeys");

    /// <summary>A user's stream: its id is unique in the hub.</summary>
    public static Guid User(UserId id) => Of($"users/{id}");

    /// <summary>A grant's stream.</summary>
    public static Guid Grant(GrantId id) => Of($"grants/{id}");

    /// <summary>An agreement's stream.</summary>
    public static Guid Agreement(AgreementId id) => Of($"departments/{id.Department}/agreements/{id.Value}");

    /// <summary>An access request's stream.</summary>
    public static Guid AccessRequest(AccessRequestId id) => Of($"accessRequests/{id}");

    /// <summary>The stream of the hub's settings.</summary>
    public static Guid Settings { get; } = Of("settings");

    /// <summary>A policy row's stream, also after it was removed and set again.</summary>
    public static Guid PolicyRow(PolicyRowId id) => Of($"policyRows/{id}");

    /// <summary>A version 8 UUID of a name.</summary>
    public static Guid Of(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
