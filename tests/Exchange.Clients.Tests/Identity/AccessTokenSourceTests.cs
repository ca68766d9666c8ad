using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Web;
using Exchange.Clients.Identity;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Exchange.Clients.Tests.Identity;

public sealed class AccessTokenSourceTests : IDisposable
{
    private static readonly DateTimeOffset _noon = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly HttpListener _endpoint = new();
    private readonly Uri _address;
    private readonly List<string> _assertions = [];
    private readonly Task _answering;
    private string _issuer;

    public AccessTokenSourceTests()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            _address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        }

        _issuer = _address.ToString().TrimEnd('/');
        _endpoint.Prefixes.Add(_address.ToString());
        _endpoint.Start();
        _answering = AnswerAsync();
    }

    [Fact]
    public async Task An_assertion_names_the_issuer_that_the_token_endpoint_s_place_tells()
    {
        using var tokens = Source(issuer: null);

        Assert.Equal("a token", await tokens.GetAsync(CancellationToken.None));

        Assert.Equal([_issuer], new JsonWebToken(_assertions.Single()).Audiences);
    }

    [Fact]
    public async Task An_assertion_names_the_issuer_that_was_stated()
    {
        using var tokens = Source("https://hub.example");

        await tokens.GetAsync(CancellationToken.None);

        Assert.Equal(["https://hub.example"], new JsonWebToken(_assertions.Single()).Audiences);
    }

    [Fact]
    public async Task An_endpoint_that_claims_to_be_another_place_s_issuer_gets_no_assertion()
    {
        _issuer = "https://hub.example";
        using var tokens = Source(issuer: null);

        var refused = await Assert.ThrowsAsync<ExchangeException>(() => tokens.GetAsync(CancellationToken.None));

        Assert.Equal("TOKEN_REFUSED", refused.Reason);
        Assert.Empty(_assertions);
    }

    [Theory]
    [InlineData("https://hub.example", "http://hub.example/connect/token", true)]
    [InlineData("https://hub.example", "http://10.0.0.5:5401/connect/token", true)]
    [InlineData("https://hub.example", "https://hub.example/connect/token", false)]
    [InlineData("https://hub.example", "http://127.0.0.1:5401/connect/token", false)]
    [InlineData("https://hub.example", "http://localhost:5401/connect/token", false)]
    [InlineData("http://hub.example", "http://hub.example/connect/token", false)]
    public async Task A_hub_that_is_reached_over_https_is_sent_no_secret_in_the_clear(string hub, string endpoint, bool isRefused)
    {
        using var finder = new TokenEndpointFinder(new Uri(hub), new Uri(endpoint), "https://hub.example");

        var refused = await Record.ExceptionAsync(() => finder.FindAsync(needsIssuer: true, TestContext.Current.CancellationToken));

        Assert.Equal(isRefused ? "TOKEN_REFUSED" : null, (refused as ExchangeException)?.Reason);
        Assert.Equal(isRefused, refused is not null);
    }

    [Fact]
    public async Task A_token_that_somebody_forgets_while_it_is_handed_out_is_handed_out()
    {
        // Sees a token whose time has come, waits for its turn, finds it renewed, and in that moment another caller forgets it.
        var time = new TimeOfLooks();
        using var tokens = Source(issuer: null, time);
        await tokens.GetAsync(TestContext.Current.CancellationToken);
        time.Looks = new([_noon.AddHours(1), _noon]);
        time.AfterLast = () => tokens.Forget("a token");

        Assert.Equal("a token", await tokens.GetAsync(TestContext.Current.CancellationToken));

        Assert.Single(_assertions);
        await tokens.GetAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, _assertions.Count);
    }

    public void Dispose()
    {
        _endpoint.Close();
        _answering.GetAwaiter().GetResult();
    }

    private AccessTokenSource Source(string? issuer, TimeProvider? time = null) => new(new ExchangeClientOptions
    {
        Time = time ?? TimeProvider.System,
        Address = _address,
        TokenEndpoint = new Uri(_address, "/connect/token"),
        Issuer = issuer,
        Credential = ClientCredential.PrivateKey("centre-system", ClientKey.Create()),
    });

    private async Task AnswerAsync()
    {
        while (true)
        {
            HttpListenerContext call;
            try
            {
                call = await _endpoint.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var reader = new StreamReader(call.Request.InputStream);
            object answer;
            if (call.Request.HttpMethod is "POST")
            {
                _assertions.Add(HttpUtility.ParseQueryString(await reader.ReadToEndAsync())["client_assertion"] ?? "");
                answer = new { access_token = "a token", expires_in = 300 };
            }
            else
            {
                answer = new { issuer = _issuer, token_endpoint = new Uri(_address, "/connect/token") };
            }

            call.Response.ContentType = "application/json";
            call.Response.Close(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(answer)), willBlock: false);
        }
    }

    /// <summary>A clock that shows each look at it what the test says, and noon when that is used up.</summary>
    private sealed class TimeOfLooks : TimeProvider
    {
        public Queue<DateTimeOffset> Looks { get; set; } = new();

        public Action AfterLast { get; set; } = () => { };

        public override DateTimeOffset GetUtcNow()
        {
            if (!Looks.TryDequeue(out var now))
            {
                return _noon;
            }

            if (Looks.Count is 0)
            {
                AfterLast();
            }

            return now;
        }
    }
}
