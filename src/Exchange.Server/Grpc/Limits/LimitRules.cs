using System.Globalization;

namespace Exchange.Server.Grpc.Limits;

/// <summary>Reads limits: `client=1000/second, department=2000/second, client:RecordsService/Pull=20/second, department=5000000/day`.</summary>
internal static class LimitRules
{
    /// <summary>Without a setting: more than a department's systems need, less than keeps a node from everybody else.</summary>
    public const string Standard = "client=10000/second, department=20000/second, address=20000/second";

    private const int MostRules = 100;
    private const long MostOfRate = 1_000_000;
    private const long MostOfQuota = 1_000_000_000_000;

    /// <summary>The limits of a text. Throws <see cref="FormatException"/> that names what is wrong.</summary>
    public static IReadOnlyList<LimitRule> Parse(string text)
    {
        var rules = text.Split(',', StringSplitOptions.TrimEntries).Select(ParseOne).ToList();
        if (rules.Count > MostRules)
        {
            throw new FormatException($"has {rules.Count} limits, at most {MostRules}");
        }

        return rules.CountBy(rule => rule.Key).FirstOrDefault(key => key.Value > 1) is { Key: { } twice }
            ? throw new FormatException($"states the limit of `{twice[(twice.IndexOf(' ', StringComparison.Ordinal) + 1)..]}` for one period twice")
            : rules;
    }

    private static LimitRule ParseOne(string text)
    {
        if (text.Split('=') is not [var counted, var amount] || amount.Split('/') is not [var count, var period])
        {
            throw new FormatException($"has `{text}` where a limit such as `client=1000/second` or `client:RecordsService/Pull=20/second` is expected");
        }

        var (scope, method) = counted.Split(':', 2) switch { [var s, var m] => (s.Trim(), m.Trim()), var one => (one[0].Trim(), null) };
        var rule = new LimitRule(Scope(text, scope), Method(text, method), Number(text, count.Trim()), Period(text, period.Trim()));
        if (rule is { IsQuota: true, Scope: LimitScope.Address })
        {
            throw new FormatException($"has `{text}`: an address has limits by second or minute only");
        }

        if (rule is { Scope: LimitScope.Address, Method: not null })
        {
            throw new FormatException($"has `{text}`: the limit of an address is one for all it sends, not by method");
        }

        var most = rule.IsQuota ? MostOfQuota : MostOfRate;
        return rule.Count <= most ? rule : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"has `{text}`: at most {most} by {period.Trim()}"));
    }

    private static LimitScope Scope(string text, string word) => word switch
    {
        "client" => LimitScope.Client,
        "department" => LimitScope.Department,
        "address" => LimitScope.Address,
        _ => throw new FormatException($"has `{text}`: the scope `{word}` is none of client, department, address"),
    };

    private static LimitPeriod Period(string text, string word) => word switch
    {
        "second" => LimitPeriod.Second,
        "minute" => LimitPeriod.Minute,
        "hour" => LimitPeriod.Hour,
        "day" => LimitPeriod.Day,
        _ => throw new FormatException($"has `{text}`: the period `{word}` is none of second, minute, hour, day"),
    };

    private static string? Method(string text, string? method) => method is null || (method.Split('/') is [{ Length: > 0 }, { Length: > 0 }] && !method.Contains(' ', StringComparison.Ordinal))
        ? method
        : throw new FormatException($"has `{text}`: the method `{method}` is not of the form `RecordsService/Pull`");

    private static long Number(string text, string number) =>
        long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : throw new FormatException($"has `{text}`: `{number}` is no whole number from 1");
}
