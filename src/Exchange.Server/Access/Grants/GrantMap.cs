using Exchange.Catalog;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Access.Agreements;
using Exchange.Server.Access.Requests;
using Exchange.Server.Catalog;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Access.Grants;

/// <summary>Turns grants into messages and back.</summary>
internal static class GrantMap
{
    /// <summary>The name of a grant.</summary>
    public static string NameOf(DepartmentId owner, GrantId id) => $"{DepartmentMap.NameOf(owner)}/grants/{id}";

    /// <summary>The grant as a message, as it stands now.</summary>
    public static Proto.Grant ToProto(this Grant grant, DateTimeOffset now)
    {
        var message = grant.ToStored();
        message.State = (Proto.GrantState)grant.StateAt(now);
        return message;
    }

    /// <summary>The grant as it is stored: without what the time of day tells.</summary>
    public static Proto.Grant ToStored(this Grant grant) => new()
    {
        Name = NameOf(grant.Owner, grant.Id),
        Reader = DepartmentMap.NameOf(grant.Reader),
        Resource = ResourceMap.NameOf(grant.Resource),
        Fields = { grant.Fields },
        Purposes = { grant.Purposes.Select(purpose => (Proto.Purpose)purpose) },
        RowFilter = grant.RowFilter,
        Mask = grant.Mask.ToProto(),
        StartTime = Timestamps.Write(grant.StartTime),
        ExpireTime = Timestamp.FromDateTimeOffset(grant.ExpireTime),
        CreateTime = Timestamp.FromDateTimeOffset(grant.CreateTime),
        RevokeTime = Timestamps.Write(grant.RevokeTime),
        Agreement = AgreementMap.NameOf(grant.Agreement),
        AgreementVersion = grant.AgreementVersion,
        Quota = grant.Quota.ToProto(),
        RenewalPeriod = (Proto.RenewalPeriod)grant.RenewalPeriod,
        AccessRequest = grant.Request is { } request ? AccessRequestMap.NameOf(request) : "",
        Issuer = grant.Issuer?.Value ?? "",
        Acceptor = grant.Acceptor?.Value ?? "",
        AcceptTime = Timestamps.Write(grant.AcceptTime),
        DeclineTime = Timestamps.Write(grant.DeclineTime),
        Reason = grant.Reason,
        RenewalRequestTime = Timestamps.Write(grant.RenewalRequestTime),
    };

    /// <summary>What a message asks for, as a grant of this owner and id, unchecked. A time beyond the calendar reads as none.</summary>
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
        StartTime = Timestamps.ReadOptional(grant.StartTime),
        ExpireTime = Timestamps.Read(grant.ExpireTime) ?? default,
        Agreement = AgreementMap.IdIn(grant.Agreement),
        AgreementVersion = grant.AgreementVersion,
        Quota = grant.Quota.ToDomain(),
        RenewalPeriod = (RenewalPeriod)grant.RenewalPeriod,
    };

    /// <summary>A stored grant.</summary>
    public static Grant ToDomain(this Proto.Grant grant)
    {
        var (owner, id) = ResourceNames.Grant("name", grant.Name).Value;
        return grant.ToDomain(owner, id) with
        {
            CreateTime = Timestamps.Read(grant.CreateTime) ?? default,
            RevokeTime = Timestamps.Read(grant.RevokeTime),
            Request = grant.AccessRequest.Length is 0 ? null : AccessRequestMap.IdIn(grant.AccessRequest),
            Issuer = ClientIn(grant.Issuer),
            Acceptor = ClientIn(grant.Acceptor),
            AcceptTime = Timestamps.Read(grant.AcceptTime),
            DeclineTime = Timestamps.Read(grant.DeclineTime),
            Reason = grant.Reason,
            RenewalRequestTime = Timestamps.Read(grant.RenewalRequestTime),
        };
    }

    /// <summary>A step as it is stored.</summary>
    public static GrantMoved ToStored(this Exchange.Catalog.Governance.GovernanceEvent.GrantMoved e) => new()
    {
        Grant = e.Grant.ToStored(),
        Step = (Protos.Stored.V1.GrantStep)e.Step,
        Reason = e.Reason,
        Time = Timestamp.FromDateTimeOffset(e.Time),
        Told = (Protos.Stored.V1.GrantStep)e.Grant.Told,
        Renewed = e.Grant.IsRenewed,
    };

    /// <summary>A stored step.</summary>
    public static Exchange.Catalog.Governance.GovernanceEvent.GrantMoved FromStored(GrantMoved e) =>
        new(e.Grant.ToDomain() with { Told = (Exchange.Catalog.GrantStep)e.Told, IsRenewed = e.Renewed }, (Exchange.Catalog.GrantStep)e.Step, e.Reason, e.Time.ToDateTimeOffset());

    /// <summary>A quota as a message; null where it bounds nothing.</summary>
    public static Proto.Quota? ToProto(this Quota quota) =>
        quota == default ? null : new Proto.Quota { RecordsPerDay = quota.RecordsPerDay, CallsPerMinute = quota.CallsPerMinute };

    /// <summary>The message as a quota, unchecked.</summary>
    public static Quota ToDomain(this Proto.Quota? quota) => quota is null ? default : new Quota(quota.RecordsPerDay, quota.CallsPerMinute);

    private static ClientId? ClientIn(string client) => client.Length is 0 ? null : new ClientId(client);
}
