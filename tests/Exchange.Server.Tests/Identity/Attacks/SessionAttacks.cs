using System.Runtime.Versioning;
using System.Text.Json;
using Exchange.Server.Tests.Identity.Users;

namespace Exchange.Server.Tests.Identity.Attacks;

/// <summary>Section T's attacks on people's sessions, where its numbers have a meaning there.</summary>
[SupportedOSPlatform("linux")]
internal static class SessionAttacks
{
    private const string Json = "application/json";

    private static readonly EndpointAnswer InvalidSession = new(401, "invalid_session");
    private static readonly EndpointAnswer InvalidCredentials = new(401, "invalid_credentials");
    private static readonly string[] SignIn = ["/session"];
    private static readonly string[] Enrolment = ["/session/enrolment"];
    private static readonly string[] Completion = ["/session/enrolment/complete"];
    private static readonly string[] WithMembers = ["/session", "/session/enrolment", "/session/enrolment/complete"];
    private static readonly string[] Token = ["/session/token"];

    public static IReadOnlyList<EndpointAttack> All { get; } =
    [
        Bearer(5, "a session cut, doubled or spoilt", city => [city.Session[..^1], city.Session + "A", city.Session + "=", $"{city.Session}.{city.Session}", "x"]),
        Bearer(6, "a letter of a session changed", city => from i in new[] { 0, 1, city.Session.Length / 2, city.Session.Length - 1 } select new string([.. city.Session.Select((letter, at) => at != i ? letter : letter is 'A' ? 'B' : 'A')])),
        Bearer(10, "another kind of token", city => [city.Victim.AccessToken, city.Victim.Assertion(), city.Secret, city.EndedSessionToken, city.User.Id]),
        Bearer(24, "a session too long", _ => [new string('a', 101), new string('a', 10_000)]),
        Bearer(30, "a session that ended, or of a user who is disabled", city => [city.EndedSession, city.DisabledUserSession]),
        Sent(31, "no session where one belongs", city => from header in new (string, string)[][]
        {
            [], [("authorization", city.Session)], [("authorization", "Basic " + city.Session)], [("authorization", $"Bearer {city.Session}, Bearer {city.Session}")], [("authorization", "Bearer  " + city.Session)],
            [("x-authorization", "Bearer " + city.Session)], [("cookie", "session=" + city.Session)],
        }
        select header),
        Members(17, "a code that was used before", InvalidCredentials, SignIn, city => [new { user = city.User.Id, password = TestUser.Password, code = city.User.Code() }]),
        Members(16, "another user's or nobody's name, a wrong password or code", InvalidCredentials, SignIn, city =>
        [
            new { user = "nobody", password = TestUser.Password, code = city.User.Code() }, new { user = "gone", password = TestUser.Password, code = city.User.Code() }, new { user = "'; DROP TABLE x", password = TestUser.Password, code = "000000" },
            new { user = city.User.Id, password = "x", code = city.User.Code() }, new { user = city.User.Id.ToUpperInvariant(), password = TestUser.Password, code = city.User.Code() }, new { user = city.User.Id, password = TestUser.Password, code = "\u0661\u0662\u0663\u0664\u0665\u0666" },
        ]),
        Members(16, "a wrong enrolment code", InvalidCredentials, Enrolment, city =>
            from code in new[] { "x", city.User.EnrolmentCode, new string('A', 1_000) } from user in new[] { city.User.Id, "nobody" } select new { user, enrolment_code = code }),
        Members(16, "a wrong enrolment code at its end", InvalidCredentials, Completion, city =>
            from code in new[] { "x", city.User.EnrolmentCode } from salt in new[] { "AAAAAAAAAAAAAAAAAAAAAA", "x", new string('A', 1_000) }
            select new { user = city.User.Id, enrolment_code = code, totp_salt = salt, password = "another horse battery", code = "000000" }),
        new("another method", [22], new(405, "invalid_request", "method"), (city, path) => from method in new[] { "GET", "PUT", "PATCH" } select new EndpointTry("{}") { ContentType = Json, Method = method, Headers = [("authorization", "Bearer " + city.Session)] })
        {
            Paths = [.. WithMembers, .. Token],
        },
        new("another kind of body", [22], EndpointAnswer.InvalidRequest("content type"), (city, _) => from type in new[] { EndpointTry.Form, "text/plain", "multipart/form-data; boundary=x", null } select SignInBody(city) with { ContentType = type }) { Paths = WithMembers },
        .. WithMembers.Select(path => new EndpointAttack("members that are missing, doubled, or of another type", [24], EndpointAnswer.InvalidRequest("members of " + path), (_, _) => Odd()) { Paths = [path] }),
        new("a body too large", [24], EndpointAnswer.InvalidRequest("size"), (_, _) => [new(new string(' ', 5_000)) { ContentType = Json }]) { Paths = WithMembers },
    ];

    private static EndpointAttack Sent(int number, string name, Func<AttackCity, IEnumerable<(string, string)[]>> headers) =>
        new(name, [number], InvalidSession, (city, _) => headers(city).Select(sent => new EndpointTry("") { ContentType = null, Headers = sent })) { Paths = Token };

    private static EndpointAttack Bearer(int number, string name, Func<AttackCity, IEnumerable<string>> sessions) => Sent(number, name, city => sessions(city).Select(session => new[] { ("authorization", "Bearer " + session) }));

    private static EndpointAttack Members(int number, string name, EndpointAnswer answer, string[] paths, Func<AttackCity, IEnumerable<object>> bodies) =>
        new(name, [number], answer, (city, _) => bodies(city).Select(body => new EndpointTry(JsonSerializer.Serialize(body)) { ContentType = Json })) { Paths = paths };

    private static EndpointTry SignInBody(AttackCity city) => new(JsonSerializer.Serialize(new { user = city.User.Id, password = TestUser.Password, code = city.User.Code() })) { ContentType = Json };

    private static IEnumerable<EndpointTry> Odd() =>
        from body in new[]
        {
            "", "{}", "[]", "null", "1", "{", """{"user":"attacked"}""", """{"user":"attacked","password":"x","code":1}""", """{"user":"attacked","password":"x","code":"1","code":"2"}""", """{"user":"attacked","password":null,"code":"1"}""",
            """{"user":["attacked"],"password":"x","code":"1"}""", """{"user":"attacked","password":"x","code":"1","role":"operator"}""", """{"user":"","enrolment_code":"x"}""", """{"user":true,"enrolment_code":"x"}""",
            """{"user":"attacked","enrolment_code":"x","password":"y","code":{}}""", """{"user":"attacked","enrolment_code":"x","password":"y","code":"1"}""", """{"user":"attacked","enrolment_code":"x","totp_salt":1,"password":"y","code":"1"}""", new string('[', 1_000),
        }
        select new EndpointTry(body) { ContentType = Json };
}
