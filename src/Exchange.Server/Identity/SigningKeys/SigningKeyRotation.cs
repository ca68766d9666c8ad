using System.Security.Cryptography;
using Exchange.Catalog;
using Exchange.EventStore.Appending;
using Exchange.Server.Governance;
using Exchange.Server.Hosting;
using Npgsql;

namespace Exchange.Server.Identity;

/// <summary>Gives a fresh hub its first signing key, before the node listens, and every hub another one once the period is over.</summary>
internal sealed partial class SigningKeyRotation(
    HubOptions options, FirstSigningKey first, SigningKeys keys, GovernanceStore governance, GovernanceCommands commands, TimeProvider time, ILogger<SigningKeyRotation> logger)
    : BackgroundService
{
    private static readonly TimeSpan CheckPeriod = TimeSpan.FromMinutes(10);

    /// <summary>Adds a new key by order of somebody.</summary>
    public Task<Result<TokenSigningKey>> RotateAsync(Caller caller, bool atOnce, CancellationToken cancellationToken)
    {
        var key = NewKey();
        return commands.ExecuteAsync(caller, GovernanceStreams.SigningKeys, (state, now) => SigningKeyRules.Rotate(state, key, atOnce, now), cancellationToken);
    }

    /// <summary>Makes sure that there is a key to sign with. Throws <see cref="HubStartException"/> when the store's does not open under the hub key.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (governance.Current.SigningKeys.Keys.IsEmpty)
        {
            var key = keys.Seal(first.Key ?? new SigningKey(WebKeys.New(PublicKeySet.Es256)));
            var added = await commands.ExecuteAsync(Hub, GovernanceStreams.SigningKeys, (state, now) => SigningKeyRules.AddFirst(state, key, now), cancellationToken);
            Log.Added(logger, added.Value.Id, added.Value.SignTime);
        }

        try
        {
            _ = keys.Signing;
        }
        catch (CryptographicException e)
        {
            throw new HubStartException(e.Message, e);
        }

        if (options.SigningKeyFile is { } file && first.Key is { } given && keys.FindEver(given.Id) is null)
        {
            throw new HubStartException(
                $"the hub has signing keys, and that of `{file}` is none of them: it counts at the first start only; leave it out, and rotate with `exchange identity signing-keys rotate`");
        }

        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(CheckPeriod, time);
        do
        {
            if (!SigningKeyRules.IsDue(governance.Current.SigningKeys, options.SigningKeyPeriod, time.GetUtcNow()))
            {
                continue;
            }

            try
            {
                var key = NewKey();
                var rotated = await commands.ExecuteAsync(
                    Hub, GovernanceStreams.SigningKeys, (state, now) => SigningKeyRules.RotateWhenDue(state, key, options.SigningKeyPeriod, now), stoppingToken);
                if (rotated.TryGetValue(out var added, out var refusal))
                {
                    Log.Added(logger, added.Id, added.SignTime);
                }
                else
                {
                    Log.NotRotated(logger, refusal.Message, null);
                }
            }
            catch (Exception e) when (e is NpgsqlException or AppendInDoubtException)
            {
                Log.NotRotated(logger, "the database does not answer; it is tried again", e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private Caller Hub => HubActor.Of(options);

    private TokenSigningKey NewKey() => keys.Seal(new SigningKey(WebKeys.New(PublicKeySet.Es256)));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "signing key {Key} signs access tokens from {Time}")]
        public static partial void Added(ILogger logger, string key, DateTimeOffset time);

        [LoggerMessage(2, LogLevel.Warning, "the signing key is not rotated: {Reason}")]
        public static partial void NotRotated(ILogger logger, string reason, Exception? exception);
    }
}
