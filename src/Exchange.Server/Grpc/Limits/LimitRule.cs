using System.Globalization;
using Exchange.Catalog;

namespace Exchange.Server.Grpc.Limits;

/// <summary>One limit, as `client:RecordsService/Pull=20/second`: so many calls in a period. A stream is one call.</summary>
/// <param name="Scope">Whose calls are counted together.</param>
/// <param name="Method">`Service/Method` without the package; null for all methods.</param>
/// <param name="Count">Calls in a period, from 1; a rate's at most 1 000 000, a quota's 1 000 000 000 000.</param>
/// <param name="Period">The period.</param>
public sealed record LimitRule(LimitScope Scope, string? Method, long Count, LimitPeriod Period)
{
    /// <summary>True for a limit that is counted in the database, over all nodes.</summary>
    public bool IsQuota => Period is LimitPeriod.Hour or LimitPeriod.Day;

    /// <summary>Length of the period.</summary>
    public TimeSpan Length => Period switch
    {
        LimitPeriod.Second => TimeSpan.FromSeconds(1),
        LimitPeriod.Minute => TimeSpan.FromMinutes(1),
        LimitPeriod.Hour => TimeSpan.FromHours(1),
        LimitPeriod.Day => TimeSpan.FromDays(1),
        _ => throw new ArgumentOutOfRangeException(nameof(Period), Period, "is not a period"),
    };

    /// <summary>What the limit counts, whatever its number: `day client:RecordsService/Pull`. Stored with quotas.</summary>
    internal string Key => $"{Word(Period)} {Word(Scope)}{(Method is null ? "" : ":" + Method)}";

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Word(Scope)}{(Method is null ? "" : ":" + Method)}={Count}/{Word(Period)}");

    /// <summary>True when the limit counts calls of a method, of its full name `/package.Service/Method`; null for one that the hub does not have.</summary>
    internal bool Counts(string? fullName) => Method is null
        || (fullName is not null && fullName.EndsWith(Method, StringComparison.Ordinal) && fullName[^(Method.Length + 1)] is '.' or '/');

    /// <summary>The refusal of a call beyond the limit.</summary>
    internal Refusal Refuse(TimeSpan retryAfter)
    {
        var (scope, period) = (Word(Scope), Word(Period));
        var calls = Method is null ? "calls" : $"calls of {Method}";
        return new Refusal(
            IsQuota ? LimitReasons.QuotaExhausted : LimitReasons.RateLimited,
            string.Create(CultureInfo.InvariantCulture, $"the hub takes {Count} {calls} a {period} from one {scope}: wait as long as the status says, or ask the hub's operator for more"))
        {
            RetryAfter = retryAfter,
            Metadata = new Dictionary<string, string>
            {
                ["scope"] = scope, ["limit"] = Count.ToString(CultureInfo.InvariantCulture), ["period"] = period, ["method"] = Method ?? "",
            },
        };
    }

    private static string Word(LimitScope scope) => scope switch
    {
        LimitScope.Client => "client",
        LimitScope.Department => "department",
        LimitScope.Address => "address",
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, "is not a scope"),
    };

    private static string Word(LimitPeriod period) => period switch
    {
        LimitPeriod.Second => "second",
        LimitPeriod.Minute => "minute",
        LimitPeriod.Hour => "hour",
        LimitPeriod.Day => "day",
        _ => throw new ArgumentOutOfRangeException(nameof(period), period, "is not a period"),
    };
}
