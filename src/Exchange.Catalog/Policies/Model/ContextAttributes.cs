using System.Collections.Immutable;
using System.Globalization;
using Exchange.Policy.Matchers;

namespace Exchange.Catalog.Policies;

/// <summary>
/// The circumstances of a request, as the hub's model sees them. Notes what was asked, so that a plan knows what it hangs on.
/// Not thread-safe.
/// </summary>
public sealed class ContextAttributes(Purpose purpose, DateTimeOffset now, string? network = null) : IPolicyAttributes
{
    private readonly DateTime _now = now.UtcDateTime;
    private bool _hasReadTime;
    private bool _hasReadDate;

    /// <summary>What conditions may ask of the circumstances.</summary>
    public static ImmutableArray<string> Names { get; } = ["purpose", "channel", "network", "time", "date"];

    /// <summary>True when the caller's address is not known.</summary>
    public bool IsFromNowhere { get; } = network is null;

    /// <summary>True when a rule asked for the caller's address: the answer counts for that address only.</summary>
    public bool HasReadNetwork { get; private set; }

    /// <summary>Until when the answers hold: the next minute when a rule asked for the time, the next day (UTC) when one asked for the date.</summary>
    public DateTimeOffset? ExpireTime =>
        _hasReadTime ? new DateTimeOffset(_now.Date + new TimeSpan(_now.Hour, _now.Minute + 1, 0), TimeSpan.Zero)
        : _hasReadDate ? new DateTimeOffset(_now.Date.AddDays(1), TimeSpan.Zero)
        : null;

    /// <summary>This, as a value of a request.</summary>
    internal PolicyValue AsValue => PolicyValue.Of(this);

    /// <inheritdoc/>
    public bool TryGetAttribute(string name, out PolicyValue value)
    {
        value = name switch
        {
            "purpose" => PolicyWords.UpperSnake(purpose),
            "channel" => "grpc",
            "network" => network,
            "time" => _now.ToString("HH:mm", CultureInfo.InvariantCulture),
            "date" => _now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            _ => default(PolicyValue),
        };
        HasReadNetwork |= name is "network";
        _hasReadTime |= name is "time";
        _hasReadDate |= name is "date";
        return value.Kind is not PolicyValueKind.Missing;
    }
}
