using System.Collections.Frozen;
using Exchange.Catalog;
using Exchange.Server.Grpc.Connections;
using Exchange.Server.Hosting;
using Grpc.AspNetCore.Server;

namespace Exchange.Server.Grpc.Limits;

/// <summary>
/// The limits of this node. A call counts against every limit that is about it, the narrow ones first: a client that is held back by one of a method or by its own
/// does not use up its department's.
/// </summary>
internal sealed class CallLimits
{
    /// <summary>
    /// How long a refusal waits for its answer when its sender goes far beyond the limit, half as long to half as long again so that answers do not bunch: until then it takes up one of the sender's streams and connections, which
    /// have caps of their own, so that these bound how often it is refused and what that costs others.
    /// </summary>
    public static readonly TimeSpan LateAnswer = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<Limit> all;
    private readonly IReadOnlyList<(LimitRule Rule, Rates<AddressKey> Rates)> addresses;
    private readonly Lazy<FrozenDictionary<string, Limit[]>> byMethod;
    private readonly Limit[] general;
    private readonly int mostStreams;

    /// <summary>Makes the limits of the options.</summary>
    public CallLimits(HubOptions options, IEnumerable<EndpointDataSource> endpoints, TimeProvider time)
    {
        mostStreams = options.MostStreams;
        all =
        [
            .. options.Limits.Where(rule => rule.Scope is not LimitScope.Address)
                .OrderBy(rule => rule.IsQuota).ThenBy(rule => rule.Scope).ThenBy(rule => rule.Method is null)
                .Select(rule => new Limit(rule, rule.IsQuota ? null : new Rates<string>(rule.Count, rule.Length), rule.IsQuota ? new Quota(rule, time) : null)),
        ];
        addresses = [.. options.Limits.Where(rule => rule.Scope is LimitScope.Address).Select(rule => (rule, new Rates<AddressKey>(rule.Count, rule.Length)))];
        Quotas = [.. all.Select(limit => limit.Quota).OfType<Quota>()];
        general = [.. all.Where(limit => limit.Rule.Method is null)];
        byMethod = new(() => Methods(endpoints).ToFrozenDictionary(name => name, name => all.Where(limit => limit.Rule.Counts(name)).ToArray()));
    }

    /// <summary>Those that are counted in the database.</summary>
    public IReadOnlyList<Quota> Quotas { get; }

    /// <summary>Streams that each client has open.</summary>
    public OpenCounts<ClientId> Streams { get; } = new();

    /// <summary>Complains of each limit of a method that is not mapped.</summary>
    public void Check(IEnumerable<EndpointDataSource> mapped, StartComplaints complaints)
    {
        var methods = Methods(mapped).ToList();
        foreach (var limit in all.Where(limit => limit.Rule.Method is not null && !methods.Exists(limit.Rule.Counts)))
        {
            complaints.Add($"`limits` has `{limit.Rule}`: the hub has no method `{limit.Rule.Method}`; reflection lists what there is");
        }
    }

    /// <summary>Counts a request of an address; the refusal when it is one too many.</summary>
    public Refusal? Take(AddressKey address)
    {
        foreach (var (rule, rates) in addresses)
        {
            if (!rates.TryTake(address, out var retryAfter))
            {
                return rule.Refuse(retryAfter);
            }
        }

        return null;
    }

    /// <summary>Counts a call; the refusal when it is one too many, and after how long it may be answered.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="method">Full name, `/package.Service/Method`; null for one that the hub does not have.</param>
    public (Refusal Refusal, TimeSpan Delay)? Take(Caller caller, string? method)
    {
        var counting = method is null ? general : byMethod.Value.GetValueOrDefault(method, general);
        for (var at = 0; at < counting.Length; at++)
        {
            if (!counting[at].TryTake(counting[at].KeyOf(caller), out var retryAfter))
            {
                // A call that is refused uses up no day's quota.
                foreach (var earlier in counting.AsSpan(0, at))
                {
                    earlier.Quota?.Return(earlier.KeyOf(caller));
                }

                var key = counting[at].KeyOf(caller);
                return (counting[at].Rule.Refuse(retryAfter), counting[at].Prompt.TryTake(key, out _) ? TimeSpan.Zero : LateAnswer * (0.5 + Random.Shared.NextDouble()));
            }
        }

        return null;
    }

    /// <summary>Counts a stream that begins, for <see cref="Streams"/> to close; the refusal when it is one too many.</summary>
    public Refusal? Open(ClientId client) => Streams.TryOpen(client, mostStreams) ? null : LimitReasons.TooManyStreams(mostStreams);

    /// <summary>Forgets who has not called of late.</summary>
    public void Forget()
    {
        foreach (var limit in all)
        {
            limit.Rates?.Forget();
            limit.Prompt.Forget();
        }

        foreach (var (_, rates) in addresses)
        {
            rates.Forget();
        }
    }

    private static IEnumerable<string> Methods(IEnumerable<EndpointDataSource> endpoints) => endpoints
        .SelectMany(source => source.Endpoints)
        .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName)
        .OfType<string>()
        .Distinct();

    private sealed record Limit(LimitRule Rule, Rates<string>? Rates, Quota? Quota)
    {
        // Refusals that are answered at once: ten times what the limit lets through, within bounds.
        public Rates<string> Prompt { get; } = new(Math.Clamp(10 * Rule.Count / (long)Rule.Length.TotalSeconds, 100, 10_000), TimeSpan.FromSeconds(1));

        public string KeyOf(Caller caller) => Rule.Scope is LimitScope.Client ? caller.Client.Value : caller.Department.Value;

        public bool TryTake(string key, out TimeSpan retryAfter) => Rates is { } rates ? rates.TryTake(key, out retryAfter) : Quota!.TryTake(key, out retryAfter);
    }
}
