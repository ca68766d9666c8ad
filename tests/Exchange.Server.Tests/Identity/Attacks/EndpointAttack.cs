using System.Net.Http.Headers;
using System.Runtime.Versioning;

namespace Exchange.Server.Tests.Identity.Attacks;

/// <summary>An attack on the endpoints over HTTP.</summary>
/// <param name="Name">What is done.</param>
/// <param name="Numbers">Its numbers in section T.</param>
/// <param name="Answer">How it is answered: the status, the standard's word, and which kind of it.</param>
/// <param name="Tries">The requests to make of it on a path.</param>
[SupportedOSPlatform("linux")]
internal sealed record EndpointAttack(string Name, int[] Numbers, EndpointAnswer Answer, Func<AttackCity, string, IEnumerable<EndpointTry>> Tries)
{
    /// <summary>The paths it is made on.</summary>
    public string[] Paths { get; init; } = ["/connect/token", "/connect/introspect", "/connect/revoke"];
}

/// <summary>A refusal. All of one kind have one body and one set of headers.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Error">The standard's word, as it is counted; null where nothing is refused.</param>
/// <param name="Kind">Tells kinds with one word apart.</param>
internal sealed record EndpointAnswer(int Status, string? Error, string Kind = "")
{
    public static EndpointAnswer InvalidClient { get; } = new(401, "invalid_client");

    public static EndpointAnswer InvalidRequest(string kind) => new(400, "invalid_request", kind);
}

/// <summary>One request of an attack.</summary>
/// <param name="Body">A form as it is, or another body.</param>
[SupportedOSPlatform("linux")]
internal sealed record EndpointTry(string Body)
{
    public const string Form = "application/x-www-form-urlencoded";

    public string Method { get; init; } = "POST";

    public string? ContentType { get; init; } = Form;

    public string Query { get; init; } = "";

    public (string Name, string Value)[] Headers { get; init; } = [];

    public System.Security.Cryptography.X509Certificates.X509Certificate2? Certificate { get; init; }

    /// <summary>A form of parameters, which may come twice.</summary>
    public static EndpointTry Of(params IEnumerable<(string Name, string Value)> parameters) =>
        new(string.Join('&', parameters.Select(one => $"{Uri.EscapeDataString(one.Name)}={Uri.EscapeDataString(one.Value)}")));

    /// <summary>An assertion with what the endpoint of the path asks for, and more.</summary>
    public static EndpointTry Asserted(AttackCity city, string path, string assertion, params IEnumerable<(string Name, string Value)> more) =>
        Of([("client_assertion_type", TestClient.AssertionType), ("client_assertion", assertion), Wanted(city, path), .. more]);

    /// <summary>What the endpoint of the path asks for: a grant type, or a good token of the victim's.</summary>
    public static (string Name, string Value) Wanted(AttackCity city, string path) => path is "/connect/token" ? ("grant_type", "client_credentials") : ("token", city.Victim.AccessToken);

    /// <summary>The request.</summary>
    public HttpRequestMessage ToRequest(string path)
    {
        var request = new HttpRequestMessage(new HttpMethod(Method), new Uri(path + Query, UriKind.Relative));
        if (ContentType is not null)
        {
            request.Content = new StringContent(Body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(ContentType);

            // What is refused for its size is refused before it is sent.
            request.Headers.ExpectContinue = Body.Length > 32 * 1024;
        }

        foreach (var (name, value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
