using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;

namespace Exchange.Catalog.Policies;

/// <summary>The hub's model and base rows: `hub-model.conf` and `hub-policies.csv` of this assembly, read and checked once.</summary>
public static partial class HubModel
{
    /// <summary>Owner of the rows that count everywhere.</summary>
    internal const string EveryOwner = "*";

    /// <summary>A condition that fails: what stands in the place of one that cannot be read.</summary>
    internal const string FailingCondition = "r.context.unreadable == 1";

    private const string HoldsAlways = "true";

    private static readonly ImmutableDictionary<string, ImmutableArray<string>> BuiltIn = ImmutableDictionary.CreateRange<string, ImmutableArray<string>>(
    [
        new("caller", CallerAttributes.Names),
        new("object", ObjectAttributes.Names),
        new("context", ContextAttributes.Names),
    ]);

    /// <summary>The model's text.</summary>
    public static string ModelText { get; } = Read("hub-model.conf");

    /// <summary>The base policy's text.</summary>
    public static string PolicyText { get; } = Read("hub-policies.csv");

    /// <summary>The model.</summary>
    public static PolicyModel Model { get; } = Accepted(PolicyModel.Parse(ModelText));

    /// <summary>The base policy's rows of every type.</summary>
    internal static PolicyRules Policy { get; } = Accepted(PolicyRules.Parse(PolicyText));

    /// <summary>The base rows, in the order of the file.</summary>
    public static ImmutableArray<PolicyRow> BaseRows { get; } = [.. Policy.Rows.Where(row => row.Type is "p").Select(BaseRow)];

    /// <summary>
    /// What is wrong with a condition, and at which character; null when it can be read and names only attributes that there
    /// are. An empty one is right.
    /// </summary>
    /// <param name="condition">The condition.</param>
    /// <param name="attributes">Names of departments' attributes; null where any may be named.</param>
    public static string? Complaint(string condition, IReadOnlyCollection<string>? attributes)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var row = RowsOf(
            new PolicyRow { Id = new("row"), Subject = "*", Object = "*", Actions = [PolicyAction.Read], Condition = condition, Effect = RuleEffect.Deny, Reason = "" });
        if (PolicySnapshot.Build(Model, PolicyRules.Of(row)) is { IsAccepted: false, Refusal: var refusal })
        {
            var indent = condition.Length - condition.TrimStart().Length;
            return $"at character {indent + refusal.Column - 1}: {refusal.Reason}";
        }

        return UnknownName(condition, attributes);
    }

    /// <summary>The first name in a condition that can be read that is no attribute of what it is asked of; null when there is none.</summary>
    internal static string? UnknownName(string condition, IReadOnlyCollection<string>? attributes)
    {
        foreach (var asked in Asked(condition))
        {
            if (asked.Name is { } name && BuiltIn.TryGetValue(asked.Of, out var names)
                && (asked.Of is "caller" ? names.Concat(attributes ?? [name]) : names) is var known && !known.Contains(name))
            {
                return $"at character {asked.Index}: `r.{asked.Of}` has no `{name}`; it has {string.Join(", ", known)}";
            }
        }

        return null;
    }

    /// <summary>True when a condition may ask for one of these circumstances, such as `network`.</summary>
    internal static bool AsksFor(string condition, params string[] circumstances) =>
        Asked(condition).Any(asked => asked.Of is "context" && (asked.Name is null || circumstances.Contains(asked.Name)));

    /// <summary>What a condition asks for; nothing when it cannot be read.</summary>
    internal static IEnumerable<AskedAttribute> Asked(string condition) => string.IsNullOrWhiteSpace(condition) ? [] : AskedAttribute.In(Model, OneLine(condition));

    /// <summary>The model's rows for a policy row, one for each of its actions. They are one line each, also for a condition or a filter of several; the engine asks no filter.</summary>
    internal static IEnumerable<PolicyRule> RowsOf(PolicyRow row, string? condition = null) => row.Actions.Select(action => new PolicyRule(
        "p",
        [
            row.Id.Value,
            row.Department?.Value ?? EveryOwner,
            row.Subject,
            row.Object,
            PolicyWords.Kebab(action),
            condition ?? (string.IsNullOrWhiteSpace(row.Condition) ? HoldsAlways : OneLine(row.Condition)),
            row.RowFilter.ReplaceLineEndings(" "),
            row.Mask.IsUnspecified ? "" : $"{PolicyWords.UpperSnake(row.Mask.Kind)} {row.Mask.Parameter}",
            row.Effect is RuleEffect.Allow ? "allow" : "deny",
            row.Reason,
        ]));

    private static PolicyRow BaseRow(PolicyRule row)
    {
        var definition = Model.Policies["p"];
        string Of(string name) => row.Values[definition.IndexOf(name)];

        return new PolicyRow
        {
            Id = new(Of("id")),
            Subject = Of("subject"),
            Object = Of("object"),
            Actions = [.. Enum.GetValues<PolicyAction>().Where(action => IsIn(action, Of("action")))],
            Condition = Of("condition"),
            RowFilter = Of("rows"),
            Mask = Of("mask") switch
            {
                "" => default,
                "NONE" => Mask.None,
                var other => throw new InvalidOperationException($"hub-policies.csv: no base row has the mask `{other}`"),
            },
            Effect = Of("eft") switch
            {
                "allow" => RuleEffect.Allow,
                "deny" => RuleEffect.Deny,
                var other => throw new InvalidOperationException($"hub-policies.csv: no row has the effect `{other}`"),
            },
            Reason = Of("reason"),
            CreateTime = DateTimeOffset.UnixEpoch,
        };
    }

    private static string OneLine(string condition) => LineBreak.Replace(condition, match => match.Length is 1 ? " " : match.Value);

    private static bool IsIn(PolicyAction action, string group) => PolicyWords.Kebab(action) == group || Policy.Rows.Any(row => row.Type is "g3" && row.Values[0] == PolicyWords.Kebab(action) && row.Values[1] == group);

    private static T Accepted<T>(PolicyResult<T> result)
        where T : class =>
        result.Value ?? throw new InvalidOperationException(result.Refusal?.ToString());

    private static string Read(string name)
    {
        using var stream = typeof(HubModel).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"`{name}` is not embedded");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    // A line break, or a text in quotes: one inside of that would be another text on one line, and is refused.
    [GeneratedRegex("""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[\r\n]""", RegexOptions.Singleline)]
    private static partial Regex LineBreak { get; }
}
