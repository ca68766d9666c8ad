using System.Collections.Frozen;
using Exchange.Catalog;

namespace Exchange.Server.Identity.External;

/// <summary>An issuer of access tokens beside the hub's own, and how its claims read. Its tokens are good for its departments, and for these no others are.</summary>
/// <param name="Authority">The issuer: https, or http on loopback; its discovery document is at `/.well-known/openid-configuration` below it.</param>
/// <param name="Departments">The departments whose callers it vouches for; at least one.</param>
public sealed record ExternalIssuerOptions(Uri Authority, FrozenSet<DepartmentId> Departments)
{
    /// <summary>The audience that its tokens name for the hub. Default <c>dataexchange</c>.</summary>
    public string Audience { get; init; } = "dataexchange";

    /// <summary>Claim with the department's id. Default <c>department</c>.</summary>
    public string DepartmentClaim { get; init; } = "department";

    /// <summary>Claim with the caller's id at the issuer, 1 to 200 characters. Default <c>client_id</c> (RFC 9068 section 2.2).</summary>
    public string ClientClaim { get; init; } = "client_id";

    /// <summary>Claim with the role, a text or a list of which one is a role. Default <c>role</c>.</summary>
    public string RoleClaim { get; init; } = "role";

    /// <summary>What the issuer calls department-system and steward. Default: as the hub does. Auditors and operators are the hub's own: from a token they count for nothing.</summary>
    public FrozenDictionary<string, Role> Roles { get; init; } = Given.ToFrozenDictionary(RoleNames.ToText, StringComparer.Ordinal);

    /// <summary>The types of its access tokens, in their headers. Default <c>at+jwt</c> (RFC 9068); an issuer that writes <c>JWT</c> does not tell them from others.</summary>
    public FrozenSet<string> TokenTypes { get; init; } = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, AccessTokenIssuer.TokenType);

    private static IEnumerable<Role> Given => Enum.GetValues<Role>().Where(role => role is not Role.Unspecified && !RoleNames.IsHubWide(role));

    /// <summary>
    /// Reads a setting: `NAME=VALUE` with semicolons between; `authority` and `departments` (ids with commas) must be there, `audience`, `department-claim`,
    /// `client-claim`, `role-claim`, `roles` (`THEIRS:OURS` with commas) and `token-types` may. Throws <see cref="FormatException"/> that says what is wrong.
    /// </summary>
    public static ExternalIssuerOptions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', 2, StringSplitOptions.TrimEntries) is not [var name, { Length: > 0 } value] || !given.TryAdd(name, value))
            {
                throw new FormatException($"must be NAME=VALUE with semicolons between, each name once; `{part}` is not");
            }
        }

        var read = new ExternalIssuerOptions(AuthorityOf(Take("authority")), List(Take("departments")).Select(DepartmentOf).ToFrozenSet());
        read = read with
        {
            Audience = Optional("audience") ?? read.Audience,
            DepartmentClaim = Optional("department-claim") ?? read.DepartmentClaim,
            ClientClaim = Optional("client-claim") ?? read.ClientClaim,
            RoleClaim = Optional("role-claim") ?? read.RoleClaim,
            Roles = Optional("roles") is { } roles ? List(roles).Select(RoleOf).ToFrozenDictionary(StringComparer.Ordinal) : read.Roles,
            TokenTypes = Optional("token-types") is { } types ? List(types).ToFrozenSet(StringComparer.OrdinalIgnoreCase) : read.TokenTypes,
        };
        return given.Count is 0 ? read : throw new FormatException($"knows no `{given.Keys.First()}`");

        string? Optional(string name) => given.Remove(name, out var value) ? value : null;

        string Take(string name) => Optional(name) ?? throw new FormatException($"needs `{name}`");
    }

    private static string[] List(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static Uri AuthorityOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var authority) && (authority.Scheme is "https" || (authority.Scheme is "http" && authority.IsLoopback)) && authority is { Query: "", Fragment: "" }
            ? authority
            : throw new FormatException($"needs an https address as `authority` (http only on this machine); `{text}` is not one");

    private static DepartmentId DepartmentOf(string text) => DepartmentId.IsValid(text) ? new(text) : throw new FormatException($"`{text}` in `departments` is not a department's id");

    private static KeyValuePair<string, Role> RoleOf(string text) =>
        text.Split(':') is [.. { Length: > 0 } theirs, var ours] && Given.Where(role => RoleNames.ToText(role) == ours).ToList() is [var role]
            ? KeyValuePair.Create(string.Join(':', theirs), role)
            : throw new FormatException(
                $"`{text}` in `roles` must be THEIRS:OURS, ours being department-system or steward; auditors and operators reach over the whole hub: register them at the hub");
}
