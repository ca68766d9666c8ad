using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Exchange.Testing;

namespace Exchange.Server.Tests.Faults.Fuzz;

/// <summary>Reliability D2 at the OAuth endpoints: whatever is sent, the answer is one of the standard's, and no spoilt assertion or secret is taken for a good one.</summary>
[Collection(MemoryCollection.Name)]
public sealed class FuzzedOAuthTests(ITestOutputHelper output)
{
    private const int AtOnce = 8;
    private const int MostGrownBytes = 128 << 20;

    // RFC 6749 section 5.2, RFC 7009 section 2.2.1.
    private static readonly string[] Errors = ["invalid_request", "invalid_client", "unsupported_grant_type", "invalid_scope", "temporarily_unavailable"];

    private static readonly string[] ContentTypes = ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=utf-16", "application/x-www-form-urlencoded;;", "x"];

    [Fact]
    public Task Eight_thousand_requests_are_answered_in_the_standards_words() => FuzzAsync(8_000);

    [Fact]
    [Trait("Stage", "Full")]
    public Task Forty_thousand_requests_are_answered_in_the_standards_words() => FuzzAsync(40_000);

    private async Task FuzzAsync(int count)
    {
        var seed = Fuzzer.NewSeed(output);
        await using var hub = await TestHub.StartAsync("oauth");
        var client = await hub.RegisterAsync("water");
        var secret = await hub.RegisterSecretAsync("water", "water-secret");
        var answers = new ConcurrentDictionary<string, int>();
        await SendAsync(0, count / 10);
        var before = Fuzzer.SizeBytes();
        await SendAsync(count / 10, count);
        var grown = Fuzzer.SizeBytes() - before;

        output.WriteLine($"grown by {grown / 1024.0 / 1024:0.0} MiB");
        output.WriteLine(string.Join('\n', answers.OrderByDescending(answer => answer.Value).Select(answer => $"{answer.Value,7} {answer.Key}")));
        Assert.InRange(grown, long.MinValue, MostGrownBytes);
        Assert.DoesNotContain(hub.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal));
        Assert.True(answers.GetValueOrDefault("200") > count / 20 && answers.GetValueOrDefault("401 invalid_client") > count / 20 && answers.GetValueOrDefault("400 invalid_request") > count / 20, "all kinds of answers must come");
        await client.SignInAsync();

        Task SendAsync(int from, int to) => Parallel.ForEachAsync(Enumerable.Range(from, to - from), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) =>
        {
            var random = new Random((seed * 31) + number);
            var (request, mayPass) = Request(client, secret, random);
            using (request)
            {
                var sent = request.Content is null ? "" : await request.Content.ReadAsStringAsync(CancellationToken.None);
                using var response = await hub.Http.SendAsync(request, CancellationToken.None);
                var body = await response.Content.ReadAsStringAsync(CancellationToken.None);
                var answer = Answer(response, body);
                answers.AddOrUpdate(answer, 1, static (_, before) => before + 1);
                Assert.True(answer.Length > 0 && (mayPass || !response.IsSuccessStatusCode), $"input {number}: {request.Method} {request.RequestUri}\n{sent[..Math.Min(sent.Length, 3_000)]}\n{(int)response.StatusCode} {body}");
            }
        });
    }

    // Empty when it is none of the standard's.
    private static string Answer(HttpResponseMessage response, string body)
    {
        if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.MethodNotAllowed)
        {
            return $"{(int)response.StatusCode}";
        }

        if (response.StatusCode is not (HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests)
            || response.Content.Headers.ContentType?.MediaType is not "application/json")
        {
            return "";
        }

        var error = JsonElement.Parse(body).GetProperty("error").GetString();
        return Errors.Contains(error) ? $"{(int)response.StatusCode} {error}" : "";
    }

    // A request and whether it may go well: not when what proves the client is spoilt.
    private static (HttpRequestMessage Request, bool MayPass) Request(TestClient client, string secret, Random random)
    {
        var endpoint = new[] { "token", "introspect", "revoke" }[random.Next(3)];
        var assertion = client.Assertion();
        var isSpoilt = random.Next(2) is 0;
        var proof = isSpoilt ? JwsInputs.Like(assertion).Next(random) : assertion;
        var isBySecret = random.Next(5) is 0;
        if (isBySecret)
        {
            proof = isSpoilt ? new TextInputs([secret], "A", "-", "_").Next(random) : secret;
        }

        isSpoilt = proof != (isBySecret ? secret : assertion);
        List<(string Name, string Value)> form =
        [
            ("grant_type", "client_credentials"),
            ("token", random.Next(2) is 0 ? client.AccessToken + "x" : JwsInputs.Like(client.AccessToken).Next(random)),
            .. isBySecret ? [("client_id", "water-secret"), ("client_secret", proof)] : new[] { ("client_assertion_type", TestClient.AssertionType), ("client_assertion", proof) },
        ];
        for (var changes = random.Next(3); changes > 0; changes--)
        {
            Change(form, random);
        }

        var body = string.Join('&', form.Select(parameter => $"{Uri.EscapeDataString(parameter.Name)}={Uri.EscapeDataString(parameter.Value)}"));
        var bytes = random.Next(6) is 0 ? new TextInputs([body], "&", "=", "%", "%00", "%zz", "+", ";", "&&", "grant_type=").Bytes(random) : Encoding.UTF8.GetBytes(body);
        var request = new HttpRequestMessage(random.Next(30) is 0 ? HttpMethod.Get : HttpMethod.Post, new Uri($"/connect/{endpoint}{(random.Next(30) is 0 ? "?token=a" : "")}", UriKind.Relative)) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", random.Next(15) is 0 ? ContentTypes[random.Next(ContentTypes.Length)] : "application/x-www-form-urlencoded");
        if (random.Next(10) is 0)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Basic " + new TextInputs([Convert.ToBase64String(Encoding.UTF8.GetBytes("water-secret:wrong"))], "=", ":", "Og==", " ").Next(random).Where(static character => character is > ' ' and < '\u007f').Aggregate("", static (text, character) => text + character));
        }

        return (request, !isSpoilt);
    }

    private static void Change(List<(string Name, string Value)> form, Random random)
    {
        var at = random.Next(form.Count);
        switch (random.Next(6))
        {
            case 0 when form.Count > 1:
                form.RemoveAt(at);
                break;
            case 1:
                form.Add(form[at]);
                break;
            case 2:
                form.Add(("scope", new string('x', random.Next(20) is 0 ? 40_000 : random.Next(100))));
                break;
            case 3 when form[at].Name is not ("client_assertion" or "client_secret"):
                form[at] = (form[at].Name, new TextInputs([form[at].Value], "client_credentials", "refresh_token", "jwt-bearer").Next(random));
                break;
            case 4:
                form.AddRange(Enumerable.Range(0, random.Next(40)).Select(number => ($"p{number}", "")));
                break;
            default:
                form.Add((new TextInputs(["token_type_hint", "resource"], "[", "]", ".").Next(random), "access_token"));
                break;
        }
    }
}
