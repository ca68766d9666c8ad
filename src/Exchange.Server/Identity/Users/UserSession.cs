using Exchange.Catalog;

namespace Exchange.Server.Identity.Users;

/// <summary>A user's session.</summary>
/// <param name="Id">Its id.</param>
/// <param name="User">Whose.</param>
/// <param name="CreateTime">When the user signed in.</param>
/// <param name="UseTime">When it last got an access token.</param>
/// <param name="ExpireTime">When it ends at the latest.</param>
internal sealed record UserSession(SessionId Id, UserId User, DateTimeOffset CreateTime, DateTimeOffset UseTime, DateTimeOffset ExpireTime);
