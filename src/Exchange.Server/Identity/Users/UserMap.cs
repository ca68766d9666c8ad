using System.Buffers.Text;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;
using Stored = Exchange.Protos.Stored.V1;

namespace Exchange.Server.Identity.Users;

/// <summary>Turns users into messages and back. Hashes and sealed secrets never leave in a message of the public contract.</summary>
internal static class UserMap
{
    /// <summary>The name of a user.</summary>
    public static string NameOf(User user) => $"{DepartmentMap.NameOf(user.Department)}/users/{user.Id}";

    /// <summary>The user as a message.</summary>
    public static Proto.User ToProto(this User user) => new()
    {
        Name = NameOf(user),
        DisplayName = user.DisplayName,
        Role = (Proto.Role)user.Role,
        CreateTime = Timestamp.FromDateTimeOffset(user.CreateTime),
        EnrolmentExpireTime = user.EnrolTime is null ? Timestamp.FromDateTimeOffset(user.EnrolmentExpireTime) : null,
        EnrolTime = Timestamps.Write(user.EnrolTime),
        DisableTime = Timestamps.Write(user.DisableTime),
    };

    /// <summary>A session as a message.</summary>
    public static Proto.UserSession ToProto(this UserSession session, User user) => new()
    {
        Name = $"{NameOf(user)}/sessions/{session.Id}",
        CreateTime = Timestamp.FromDateTimeOffset(session.CreateTime),
        UseTime = Timestamp.FromDateTimeOffset(session.UseTime),
        ExpireTime = Timestamp.FromDateTimeOffset(session.ExpireTime),
    };

    /// <summary>What is stored of an enrolment.</summary>
    public static Stored.UserEnrolled ToStored(this GovernanceEvent.UserEnrolled e, User user) => new()
    {
        Name = NameOf(user),
        PasswordHash = e.PasswordHash,
        SealedTotpSecret = ByteString.CopyFrom(Base64Url.DecodeFromChars(e.SealedTotpSecret)),
        Time = Timestamp.FromDateTimeOffset(e.Time),
    };

    /// <summary>What is stored of a new enrolment code.</summary>
    public static Stored.UserEnrolmentReset ToStored(this GovernanceEvent.UserEnrolmentReset e, User user) => new()
    {
        Name = NameOf(user),
        EnrolmentCodeHash = e.EnrolmentCodeHash,
        EnrolmentExpireTime = Timestamp.FromDateTimeOffset(e.EnrolmentExpireTime),
        Time = Timestamp.FromDateTimeOffset(e.Time),
    };

    /// <summary>A stored creation.</summary>
    public static GovernanceEvent.UserCreated FromStored(Stored.UserCreated e)
    {
        var (department, id) = ResourceNames.User("name", e.User.Name).Value;
        return new(new User
        {
            Id = id,
            Department = department,
            DisplayName = e.User.DisplayName,
            Role = (Role)e.User.Role,
            EnrolmentCodeHash = e.EnrolmentCodeHash,
            EnrolmentExpireTime = e.User.EnrolmentExpireTime.ToDateTimeOffset(),
            CreateTime = e.User.CreateTime.ToDateTimeOffset(),
        });
    }

    /// <summary>A stored enrolment.</summary>
    public static GovernanceEvent.UserEnrolled FromStored(Stored.UserEnrolled e) =>
        new(IdOf(e.Name), e.PasswordHash, Base64Url.EncodeToString(e.SealedTotpSecret.Span), e.Time.ToDateTimeOffset());

    /// <summary>A stored new enrolment code.</summary>
    public static GovernanceEvent.UserEnrolmentReset FromStored(Stored.UserEnrolmentReset e) =>
        new(IdOf(e.Name), e.EnrolmentCodeHash, e.EnrolmentExpireTime.ToDateTimeOffset(), e.Time.ToDateTimeOffset());

    /// <summary>A stored end.</summary>
    public static GovernanceEvent.UserDisabled FromStored(Stored.UserDisabled e) => new(IdOf(e.Name), e.Time.ToDateTimeOffset());

    private static UserId IdOf(string name) => ResourceNames.User("name", name).Value.User;
}
