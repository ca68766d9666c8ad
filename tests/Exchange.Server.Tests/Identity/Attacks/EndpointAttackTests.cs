using System.Collections.Concurrent;
using System.Net;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Exchange.Server.Tests.Identity.Attacks;

/// <summary>Reliability E1 at the endpoints over HTTP: every attack of section T is refused with one answer for each kind, and counted.</summary>
[SupportedOSPlatform("linux")]
public sealed class EndpointAttackTests(AttackCity city) : IClassFixture<AttackCity>
{
    private const int AtOnce = 8;

    [Fact]
    public async Task Every_assertion_form_and_certificate_is_refused_by_every_OAuth_endpoint_with_the_answer_of_its_kind_and_counted()
    {
        var issued = Issued();

        await AttackAsync(EndpointAttacks.All, AtOnce);

        Assert.Equal(issued, Issued());
        await VictimIsWellAsync();
    }

    [Fact]
    public async Task Every_attack_on_sessions_has_the_answer_of_its_kind_and_is_counted()
    {
        using var used = await city.User.PostSignInAsync();

        await AttackAsync(SessionAttacks.All, 1);

        Assert.NotNull(await city.User.TokenAsync(city.Session));
        await city.User.ForgiveAsync();
        Assert.NotNull(await city.User.SignInAsync());
    }

    [Fact]
    public async Task What_the_standards_accept_is_accepted()
    {
        var now = AttackCity.Now;
        (string, string)[][] accepted = [[], [("scope", "")], [("client_id", "water-system")], [("unknown", "x")], [("resource", city.Issuer)]];
        string[] assertions =
        [
            city.Victim.Assertion(("nbf", now + 8)), city.Victim.Assertion(("iat", now + 8)), city.Victim.Assertion(("iat", null)), city.Victim.Assertion(("iat", now + 8), ("exp", now + 65)), city.Victim.Assertion(("iat", null), ("exp", now + 65)), city.Victim.Assertion(("exp", now - 5)),
            city.Assertion().WithHeader("typ", "client-authentication+jwt").ToString(), city.Assertion().WithHeader("typ", null).ToString(),
        ];
        var tries = accepted.Select(more => EndpointTry.Asserted(city, "/connect/token", city.Victim.Assertion(), more))
            .Concat(assertions.Select(assertion => EndpointTry.Asserted(city, "/connect/token", assertion)))
            .Append(EndpointTry.Of(("grant_type", "client_credentials"), ("client_id", AttackCity.SecretClient), ("client_secret", city.Secret)))
            .Append(EndpointTry.Of(("grant_type", "client_credentials"), ("client_id", AttackCity.TrustedClient)) with { Certificate = city.TrustedCertificate });

        foreach (var attempt in tries)
        {
            using var http = city.Hub.HttpWith(attempt.Certificate);
            using var request = attempt.ToRequest("/connect/token");
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.True(response.StatusCode is HttpStatusCode.OK, $"{attempt}: {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }
    }

    [Fact]
    public async Task How_many_wrong_secrets_are_looked_at_does_not_tell_which_clients_there_are()
    {
        await using var hub = await TestHub.StartAsync("secrets");
        await hub.RegisterSecretAsync("water", "water-trial");
        var answers = new List<string>();
        foreach (var client in new[] { "nobody-1", "water-trial", "nobody-2", "nobody-3" })
        {
            var statuses = new List<int>();
            for (var i = 0; i < 12; i++)
            {
                using var request = EndpointTry.Of(("client_id", client), ("client_secret", "x"), ("grant_type", "client_credentials")).ToRequest("/connect/token");
                using var response = await hub.Http.SendAsync(request, TestContext.Current.CancellationToken);
                statuses.Add((int)response.StatusCode);
            }

            answers.Add(string.Join(' ', statuses));
        }

        // A minute may begin on the way, for one of them.
        Assert.True(answers.Count(answer => answer == "401 401 401 401 401 401 401 401 401 401 429 429") >= 3, string.Join('\n', answers));
    }

    private async Task AttackAsync(IReadOnlyList<EndpointAttack> attacks, int atOnce)
    {
        var before = await city.CountsAsync();
        var answers = new ConcurrentDictionary<(EndpointAnswer Kind, string Answer), string>();
        var made = new ConcurrentDictionary<string, long>();
        using var plain = city.Hub.HttpWith(null);

        await Parallel.ForEachAsync(attacks.SelectMany(attack => attack.Paths, (attack, path) => (attack, path)), new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (item, _) =>
        {
            foreach (var attempt in item.attack.Tries(city, item.path))
            {
                using var own = attempt.Certificate is { } certificate ? city.Hub.HttpWith(certificate) : null;
                var answer = await AnswerAsync(own ?? plain, item.path, attempt);
                answers.TryAdd((item.attack.Answer, answer), $"{item.attack.Name} on {item.path}: {attempt}");
                if (item.attack.Answer.Error is { } error)
                {
                    made.AddOrUpdate(error, 1, (_, count) => count + 1);
                }
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{made.Values.Sum()} attacks: {string.Join(", ", made.Select(one => $"{one.Key} {one.Value}"))}");
        foreach (var ((kind, answer), attack) in answers)
        {
            var expected = kind.Error is null || kind.Status is 405 ? $"{kind.Status} " : $"{kind.Status} {{\"error\":\"{kind.Error}\"";
            Assert.True(answer.StartsWith(expected, StringComparison.Ordinal), $"{answer} instead of {kind}: {attack}");
        }

        Assert.All(answers.GroupBy(one => one.Key.Kind), kind => Assert.True(kind.Count() is 1, string.Join('\n', kind)));
        Assert.Equal(made.OrderBy(one => one.Key), EveryAttackTests.Since(before, await city.CountsAsync()).OrderBy(one => one.Key));
    }

    // The status, the body and what headers say of the refusal.
    private static async Task<string> AnswerAsync(HttpClient http, string path, EndpointTry attempt)
    {
        using var request = attempt.ToRequest(path);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return $"{(int)response.StatusCode} {body} {response.Headers.WwwAuthenticate} {response.Headers.CacheControl} {response.Content.Headers.ContentType} {response.Headers.RetryAfter}";
    }

    private async Task VictimIsWellAsync()
    {
        using var response = await city.Victim.PostTokenAsync(city.Hub, "introspect", city.Victim.AccessToken);
        var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.True(answer.RootElement.GetProperty("active").GetBoolean());
    }

    private int Issued() => city.Hub.Log.Lines.Count(line => line.Contains("issued an access token", StringComparison.Ordinal));
}
