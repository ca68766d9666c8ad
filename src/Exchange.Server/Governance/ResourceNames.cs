using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Server.Identity.Users;

namespace Exchange.Server.Governance;

/// <summary>
/// Reads resource names (AIP-122) such as `departments/{department}/grants/{grant}`. Names that say which thing a request is about must be well
/// formed; names inside a message that the rules check anyway are read as they are, and a malformed one never is a valid id.
/// </summary>
internal static class ResourceNames
{
    private const string Departments = "departments";

    /// <summary>`departments/{department}`.</summary>
    public static Result<DepartmentId> Department(string field, string name) =>
        name.Split('/') is [Departments, { Length: > 0 } id] ? new DepartmentId(id) : Malformed(field, "departments/{department}");

    /// <summary>`resources/{resource}`.</summary>
    public static Result<ResourceId> Resource(string field, string name) =>
        name.Split('/') is ["resources", { Length: > 0 } id] ? new ResourceId(id) : Malformed(field, "resources/{resource}");

    /// <summary>`resources/{resource}/draft`.</summary>
    public static Result<ResourceId> Draft(string field, string name) =>
        name.Split('/') is ["resources", { Length: > 0 } id, "draft"] ? new ResourceId(id) : Malformed(field, "resources/{resource}/draft");

    /// <summary>`codeLists/{code_list}`.</summary>
    public static Result<CodeListId> CodeList(string field, string name) =>
        name.Split('/') is ["codeLists", { Length: > 0 } id] ? new CodeListId(id) : Malformed(field, "codeLists/{code_list}");

    /// <summary>`departments/{department}/sharingLists/{resource}`.</summary>
    public static Result<(DepartmentId Department, ResourceId Resource)> SharingList(string field, string name) =>
        name.Split('/') is [Departments, { Length: > 0 } department, "sharingLists", { Length: > 0 } resource]
            ? (new DepartmentId(department), new ResourceId(resource))
            : Malformed(field, "departments/{department}/sharingLists/{resource}");

    /// <summary>`departments/{department}/grants/{grant}`.</summary>
    public static Result<(DepartmentId Department, GrantId Grant)> Grant(string field, string name) =>
        name.Split('/') is [Departments, { Length: > 0 } department, "grants", { Length: > 0 } grant]
            ? (new DepartmentId(department), new GrantId(grant))
            : Malformed(field, "departments/{department}/grants/{grant}");

    /// <summary>`departments/{department}/pendingChanges/{pending_change}`.</summary>
    public static Result<(DepartmentId Department, PendingChangeId Change)> PendingChange(string field, string name) =>
        name.Split('/') is [Departments, { Length: > 0 } department, "pendingChanges", { Length: > 0 } change]
            ? (new DepartmentId(department), new PendingChangeId(change))
            : Malformed(field, "departments/{department}/pendingChanges/{pending_change}");

    /// <summary>`departments/{department}/agreements/{agreement}`.</summary>
    public static Result<AgreementId> Agreement(string field, string name) =>
        name.Split('/') is [Departments, { Length: > 0 } department, "agreements", { Length: > 0 } agreement]
            ? new AgreementId(new DepartmentId(department), agreement)
            : Malformed(field, "departments/{department}/agreements/{agreement}");

    /// <summary>`accessRequests/{access_request}`.</summary>
    public static Result<AccessRequestId> AccessRequest(string field, string name) =>
        name.Split('/') is ["accessRequests", { Length: > 0 } id] ? new AccessRequestId(id) : Malformed(field, "accessRequests/{access_request}");

    /// <summary>`departments/{department}/clients/{client}`.</summary>
    public static Result<(DepartmentId Department, ClientId Client)> Client(string field, string name) =>
        name.Split('/') is [Departments, { Length: > 0 } department, "clients", { Length: > 0 } client]
            ? (new DepartmentId(department), new ClientId(client))
            : Malformed(field, "departments/{department}/clients/{client}");

    /// <summary>`departments/{department}/clients/{client}/keys/{key}`.</summary>
    public static Result<(DepartmentId Department, ClientId Client, string Key)> RegisteredKey(string field, string name) =>
        name.Split('/') is [Departments, { Length: > 0 } department, "clients", { Length: > 0 } client, "keys", { Length: > 0 } key]
            ? (new DepartmentId(department), new ClientId(client), key)
            : Malformed(field, "departments/{department}/clients/{client}/keys/{key}");

    /// <summary>`departments/{department}/users/{user}`.</summary>
    public static Result<(DepartmentId Department, UserId User)> User(string field, string name) =>
        name.Split('/') is [Departments, { Length: > 0 } department, "users", { Length: > 0 } user]
            ? (new DepartmentId(department), new UserId(user))
            : Malformed(field, "departments/{department}/users/{user}");

    /// <summary>`departments/{department}/users/{user}`, or one of that user's sessions.</summary>
    public static Result<(DepartmentId Department, UserId User, SessionId? Session)> UserSessions(string field, string name) =>
        name.Split('/') is [Departments, { Length: > 0 } department, "users", { Length: > 0 } user, "sessions", var text] && SessionId.Parse(text) is { } session
            ? (new DepartmentId(department), new UserId(user), session)
            : User(field, name).TryGetValue(out var named, out _)
                ? (named.Department, named.User, null)
                : Malformed(field, "departments/{department}/users/{user} or departments/{department}/users/{user}/sessions/{session}");

    /// <summary>The department that a name inside a message means; null for none, and a malformed one never is a valid id.</summary>
    public static DepartmentId? DepartmentIn(string name) => name.Length is 0 ? null : new DepartmentId(IdIn(Departments, name));

    /// <summary>What follows the collection in a name inside a message; the whole text when it is another name, which no rule takes for an id.</summary>
    public static string IdIn(string collection, string name) =>
        name.StartsWith(collection, StringComparison.Ordinal) && name.Length > collection.Length && name[collection.Length] is '/'
            ? name[(collection.Length + 1)..]
            : name.Length is 0 ? "" : $"/{name}";

    private static Refusal Malformed(string field, string format) => Refusal.Invalid(field, "INVALID_NAME", $"must be `{format}`");
}
