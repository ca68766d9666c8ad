using System.Text.RegularExpressions;
using Exchange.Catalog;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Records;
using Exchange.Server.Tests.Records.Push;
using Caller = Exchange.Catalog.Caller;
using QualityRule = Exchange.Catalog.QualityRule;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace Exchange.Server.Tests.Catalog.Quality;

/// <summary>One random complaint, with the meaning of each rule written down once more, record by record.</summary>
internal sealed class RandomComplaint
{
    /// <summary>Fields that the opener pushes.</summary>
    public static readonly string[] OpenersFields = ["title", "calls", "fee", "due", "accepted_at", "tags", "responsible", "secret_note"];

    private readonly string title;
    private readonly long? calls;
    private readonly decimal? fee;
    private readonly int? due;
    private readonly DateTimeOffset? accepted;
    private readonly string[]? tags;
    private readonly string? responsible;
    private readonly string? note;

    public RandomComplaint(Random random, string id, DateTimeOffset now)
    {
        Id = id;
        Opener = random.Next(3) is 0 ? City.Housing : City.Centre;
        title = random.Next(4) switch { 1 => "t1", 2 => "区 22", 3 => "t1x", _ => "leak" };
        calls = Maybe(random, () => (long)random.Next(-2, 13));
        fee = Maybe(random, () => random.Next(0, 2_600) / 100m);

        // Around the limits: some minutes before and behind them too.
        accepted = Maybe(random, () => now.AddHours(-random.Next(0, 400)).AddMinutes(random.Next(-2, 3)));
        due = Maybe(random, () => DayOf((accepted ?? now).AddDays(random.Next(-1, 12))));
        tags = Maybe<string[]>(random, () => random.Next(2) is 0 ? [] : ["wet"]);
        responsible = Maybe(random, () => random.Next(2) is 0 ? "housing" : "traffic");
        note = Maybe(random, () => random.Next(2) is 0 ? "" : "a note");
        Status = responsible is null ? null : Maybe(random, () => random.Next(2) is 0 ? "open" : "done");
        HasPlace = random.Next(2) is 0;
    }

    public string Id { get; }

    public Caller Opener { get; }

    /// <summary>Who is to push the status; null when nobody does.</summary>
    public Caller? Handler => Status is null ? null : responsible is "housing" ? City.Housing : City.Traffic;

    public string? Status { get; }

    public bool HasPlace { get; }

    /// <summary>As the opener pushes it.</summary>
    public PushedRecord ToPushed() => Pushed.Own(
        Id,
        Pushed.Text(title),
        calls is { } number ? new Value { Integer = number } : Pushed.Clear,
        fee is { } sum ? new Value { Decimal = sum.ToString(System.Globalization.CultureInfo.InvariantCulture) } : Pushed.Clear,
        due is { } day ? new Value { Date = day } : Pushed.Clear,
        accepted is { } time ? new Value { Timestamp = Timestamp.FromDateTimeOffset(time) } : Pushed.Clear,
        tags is { } texts ? new Value { TextList = new TextList { Values = { texts } } } : Pushed.Clear,
        responsible is { } code ? Pushed.Code(code) : Pushed.Clear,
        note is { } text ? Pushed.Text(text) : Pushed.Clear);

    /// <summary>The department that owns a field of it; null for nobody.</summary>
    public string? OwnerOf(string field) => field switch
    {
        "status" or "result" => responsible,
        "place" => "grid",
        _ => Opener.Department.Value,
    };

    /// <summary>Whether a rule applies, and whether it is met then.</summary>
    public (bool Applies, bool IsMet) Meets(string field, QualityRule rule, WorkCalendar calendar, DateTimeOffset now, DateTimeOffset opened)
    {
        switch (rule)
        {
            case QualityRule.Required:
                return (true, IsThere(field));
            case QualityRule.Pattern pattern:
                return (IsThere(field), Regex.IsMatch(title, $@"\A(?:{pattern.Expression})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
            case QualityRule.Range range when field is "calls":
                return (calls is not null, calls >= Bound(range.Min, long.MinValue, long.Parse) && calls <= Bound(range.Max, long.MaxValue, long.Parse));
            case QualityRule.Range range when field is "fee":
                return (fee is not null, fee >= Bound(range.Min, decimal.MinValue, text => decimal.Parse(text, null)) && fee <= Bound(range.Max, decimal.MaxValue, text => decimal.Parse(text, null)));
            case QualityRule.Range range:
                return (due is not null, due >= Bound(range.Min, int.MinValue, text => DayOf(DateTimeOffset.Parse(text + "T00:00Z", null))));
            case QualityRule.Reference:
                return (IsThere(field), Status is "open" or "done");
            case QualityRule.Timeliness limit:
                return MeetsLimit(field, limit, calendar, now, opened);
            default:
                throw new InvalidOperationException($"{rule}");
        }
    }

    private (bool Applies, bool IsMet) MeetsLimit(string field, QualityRule.Timeliness limit, WorkCalendar calendar, DateTimeOffset now, DateTimeOffset opened)
    {
        DateTimeOffset? beginning = limit.After switch { "" => opened, "accepted_at" => accepted, _ => due is { } day ? BeginningOf(day, calendar) : null };
        if (beginning is not { } from)
        {
            return (false, false);
        }

        // The last instant that is in time: instants come in microseconds.
        var last = limit.WorkingDays > 0 ? calendar.DueAfter(from, limit.WorkingDays).AddMicroseconds(-1) : from.AddHours(limit.Hours);
        DateTimeOffset? value = field switch { "due" => due is { } day ? BeginningOf(day, calendar) : null, "accepted_at" => accepted, _ => null };
        return field is "due" or "accepted_at" ? (value is not null || now > last, value <= last) : (now > last, IsThere(field));
    }

    private bool IsThere(string field) => field switch
    {
        "title" => true,
        "secret_note" => note is { Length: > 0 },
        "calls" => calls is not null,
        "fee" => fee is not null,
        "due" => due is not null,
        "accepted_at" => accepted is not null,
        "tags" => tags is { Length: > 0 },
        "status" => Status is not null,
        "place" => HasPlace,
        _ => false,
    };

    private static int DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    private static DateTimeOffset BeginningOf(int day, WorkCalendar calendar) => calendar.BeginningOf(DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays(day));

    private static T Bound<T>(string text, T none, Func<string, T> parse) => text is "" ? none : parse(text);

    private static T? Maybe<T>(Random random, Func<T> make)
        where T : class =>
        random.Next(4) is 0 ? null : make();

    private static T? Maybe<T>(Random random, Func<T> make, int _ = 0)
        where T : struct =>
        random.Next(4) is 0 ? null : make();
}
