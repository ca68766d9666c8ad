using Exchange.Catalog;
using Exchange.Server.Catalog;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Access;

/// <summary>Turns grants into messages and back.</summary>
internal static class GrantMap
{
    /// <summary>The name of a grant.</summary>
    public static string NameOf(DepartmentId owner, GrantId id) => $"{DepartmentMap.NameOf(owner)}/grants/{id}";

    /// <summary>The grant as a message.</summary>
    public static Proto.Grant ToProto(this Grant grant) => new()
    {
        Name = NameOf(grant.Owner, grant.Id),
        Reader = DepartmentMap.NameOf(grant.Reader),
        Resource = ResourceMap.NameOf(grant.Resource),
        Fields = { grant.Fields },
        Purposes = { grant.Purposes.Select(purpose => (Proto.Purpose)purpose) },
        RowFilter = grant.RowFilter,
        Mask = grant.Mask.ToProto(),
        ExpireTime = Timestamp.FromDateTimeOffset(grant.ExpireTime),
        CreateTime = Timestamp.FromDateTimeOffset(grant.CreateTime),
        RevokeTime = grant.RevokeTime is { } revoked ? Timestamp.FromDateTimeOffset(revoked) : null,
    };

    /// <summary>The message as a grant of this owner and id, unchecked. A time beyond the calendar reads as none.</summary>
    public static Grant ToDomain(this Proto.Grant grant, DepartmentId owner, GrantId id) => new()
    {
        Id = id,
        Owner = owner,
        Reader = new DepartmentId(ResourceNames.IdIn("departments", grant.Reader)),
        Resource = new ResourceId(ResourceNames.IdIn("resources", grant.Resource)),
        Fields = [.. grant.Fields],
        Purposes = [.. grant.Purposes.Select(purpose => (Purpose)purpose)],
        RowFilter = grant.RowFilter,
        Mask = grant.Mask.ToDomain(),
        ExpireTime = Timestamps.Read(grant.ExpireTime) ?? default,
        CreateTime = Timestamps.Read(grant.CreateTime) ?? default,
        RevokeTime = Timestamps.Read(grant.RevokeTime),
    };

    /// <summary>A stored grant.</summary>
    public static Grant ToDomain(this Proto.Grant grant)
    {
        var (owner, id) = ResourceNames.Grant("name", grant.Name).Value;
        return grant.ToDomain(owner, id);
    }
}
