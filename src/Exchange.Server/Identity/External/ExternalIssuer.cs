using System.Collections.Frozen;
using Exchange.Server.Hosting;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Exchange.Server.Identity.External;

/// <summary>
/// What the external issuer publishes: its name and its keys, from its discovery document (RFC 8414), read anew every five minutes and, at most every ten seconds,
/// when a token names a key that is not known. While it does not answer, what was read last counts; the hub starts without it.
/// </summary>
internal sealed partial class ExternalIssuer : BackgroundService
{
    private const long LargestDocument = 1 << 20;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ExternalIssuerOptions? options;
    private readonly HttpClient http;
    private readonly ConfigurationManager<OpenIdConnectConfiguration>? manager;
    private readonly SemaphoreSlim asked = new(0, 1);
    private readonly TimeProvider time;
    private readonly ILogger<ExternalIssuer> logger;
    private volatile Published? published;

    /// <summary>Does nothing where the options name no issuer.</summary>
    public ExternalIssuer(HubOptions hub, TimeProvider time, ILogger<ExternalIssuer> logger)
    {
        (options, this.time, this.logger) = (hub.ExternalIssuer, time, logger);
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Patience, MaxResponseContentBufferSize = LargestDocument };
        if (options is not null)
        {
            var retriever = new HttpDocumentRetriever(http) { RequireHttps = options.Authority.Scheme is "https" };
            manager = new(NameOf(options.Authority) + "/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), retriever)
            {
                AutomaticRefreshInterval = TimeSpan.FromMinutes(5),
                RefreshInterval = Look,
            };
        }
    }

    /// <summary>True for a token of this `iss`: the authority, with or without a slash at its end.</summary>
    public bool Is(string issuer) => options is not null && issuer.TrimEnd('/') == NameOf(options.Authority);

    /// <summary>True once its keys were read.</summary>
    public bool IsKnown => published is not null;

    /// <summary>The key of this id; null when the issuer does not publish it now. Then it is asked again.</summary>
    public SecurityKey? Find(string id)
    {
        if (published?.Keys.GetValueOrDefault(id) is { } key)
        {
            return key;
        }

        Ask();
        return null;
    }

    /// <summary>True when this key is published now under this id.</summary>
    public bool Publishes(string id, SecurityKey key) => published?.Keys.GetValueOrDefault(id) == key;

    /// <inheritdoc/>
    public override void Dispose()
    {
        http.Dispose();
        asked.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (manager is not null)
        {
            try
            {
                var found = await manager.GetConfigurationAsync(stoppingToken);
                if (Is(found.Issuer ?? ""))
                {
                    // Several keys of one id would leave open which one signed.
                    published = new(found.SigningKeys.Where(key => key.KeyId is { Length: > 0 } && key.CanComputeJwkThumbprint()).GroupBy(key => key.KeyId).Where(keys => keys.Count() is 1)
                        .ToFrozenDictionary(keys => keys.Key, keys => Known(keys.Single()), StringComparer.Ordinal));
                }
                else
                {
                    Log.OtherIssuer(logger, found.Issuer ?? "");
                }
            }
            catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or ArgumentException or TaskCanceledException && !stoppingToken.IsCancellationRequested)
            {
                Log.NotRead(logger, e.GetType().Name);
            }

            using var pause = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var isAsked = asked.WaitAsync(pause.Token);
            await Task.WhenAny(isAsked, Task.Delay(Look, time, pause.Token));
            stoppingToken.ThrowIfCancellationRequested();
            if (isAsked.IsCompletedSuccessfully)
            {
                manager.RequestRefresh();
            }

            await pause.CancelAsync();
        }
    }

    private static string NameOf(Uri authority) => authority.AbsoluteUri.TrimEnd('/');

    // Read again, a key is the same: another one under its id is not, and ends the tokens that the old one signed.
    private SecurityKey Known(SecurityKey read) =>
        published?.Keys.GetValueOrDefault(read.KeyId) is { } key && key.ComputeJwkThumbprint().AsSpan().SequenceEqual(read.ComputeJwkThumbprint()) ? key : read;

    private void Ask()
    {
        try
        {
            asked.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is asked already.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "the external issuer's keys are not read ({Fault}); those read last count")]
        public static partial void NotRead(ILogger logger, string fault);

        [LoggerMessage(2, LogLevel.Warning, "the external issuer calls itself {Issuer}, which is not the authority of the settings: none of its tokens is accepted")]
        public static partial void OtherIssuer(ILogger logger, string issuer);
    }

    private sealed record Published(FrozenDictionary<string, SecurityKey> Keys);
}
