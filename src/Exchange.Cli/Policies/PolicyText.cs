using Exchange.Cli.Terminal;
using Exchange.Protos.V1;

namespace Exchange.Cli.Policies;

/// <summary>How policies are written for people.</summary>
internal static class PolicyText
{
    private const string Rows = "policyRows";

    /// <summary>Name of a row that was given by its id or name.</summary>
    public static string Name(string row) => CommonOptions.Name(Rows, row);

    /// <summary>Id in the name of a row.</summary>
    public static string Id(string name) => name.StartsWith(Rows + "/", StringComparison.Ordinal) ? name[(Rows.Length + 1)..] : name;

    /// <summary>An effect as people say it.</summary>
    public static string Effect(PolicyEffect effect) => effect is PolicyEffect.Allow ? "permit" : "forbid";

    /// <summary>The actions of a row.</summary>
    public static string Actions(PolicyRow row) => string.Join(' ', row.Actions.Select(Action));

    /// <summary>An action as people say it.</summary>
    public static string Action(PolicyAction action) => action.ToString().ToLowerInvariant();

    /// <summary>`gov-service analysis`, as the options take them; `every` for all there are.</summary>
    public static string Purposes(IReadOnlyCollection<Purpose> purposes) =>
        purposes.Count == Enum.GetValues<Purpose>().Length - 1 ? "every" : string.Join(' ', purposes.Select(purpose => Kebab(purpose.ToString())));

    /// <summary>When a row counts.</summary>
    public static string When(PolicyRow row) => (row.Condition, row.RowFilter) switch
    {
        ("", "") => "",
        (var condition, "") => condition,
        ("", var filter) => $"records: {filter}",
        var (condition, filter) => $"{condition}; records: {filter}",
    };

    /// <summary>A mask; empty for none.</summary>
    public static string Mask(Mask? mask) => mask switch
    {
        null or { Kind: MaskKind.None or MaskKind.Unspecified } => "",
        { Parameter: 0 } => Kebab(mask.Kind.ToString()),
        _ => $"{Kebab(mask.Kind.ToString())}:{mask.Parameter}",
    };

    /// <summary>A row's mask: `none` shows the value, empty leaves it to the sharing list.</summary>
    public static string Mask(PolicyRow row) => row.Mask?.Kind is MaskKind.None ? "none" : Mask(row.Mask);

    /// <summary>A row in words.</summary>
    public static string Sentence(PolicyRow row)
    {
        var when = When(row);
        var mask = Mask(row);
        return $"{Effect(row.Effect)} {row.Subject} to {Actions(row)} {row.Object}{(when.Length > 0 ? $" when {when}" : "")}{(mask.Length > 0 ? $" through mask {mask}" : "")}";
    }

    /// <summary>An answer as people say it, with the masks that may stand on it.</summary>
    public static string Answer(FieldExplanation field, PolicyAction action)
    {
        var isPush = action is PolicyAction.Write or PolicyAction.Propose;
        var masks = string.Join(' ', field.Rules.Where(rule => rule.Effect is PolicyEffect.Allow).Select(rule => Mask(rule.Mask)).Where(mask => mask.Length > 0).Distinct());
        return field.Answer switch
        {
            FieldAnswer.Shown => isPush ? "may" : "shown",
            FieldAnswer.Masked => $"masked {masks}",
            FieldAnswer.ByRecord => $"by record{(masks.Length > 0 ? $", {masks}" : "")}",
            _ => isPush ? "may not" : "withheld",
        };
    }

    /// <summary>The rules of one explanation that the other lacks: `permit redact where district = "east" by p1`.</summary>
    public static string Beyond(FieldExplanation one, FieldExplanation other) => string.Join('\n', one.Rules.Except(other.Rules).Select(Rule));

    /// <summary>How reads would be answered: `without phone; content masked otherwise`.</summary>
    public static string Reads(ReadChange change)
    {
        string Fields(string words, IReadOnlyCollection<string> fields) => fields.Count > 0 ? string.Format(System.Globalization.CultureInfo.InvariantCulture, words, string.Join(' ', fields)) : "";
        string[] parts =
        [
            change.Refused ? "answered instead of refused" : change.WouldBeRefused ? "refused" : "",
            Fields("without {0}", change.LostFields),
            Fields("also {0}", change.GainedFields),
            Fields("{0} masked otherwise", change.MaskedFields),
            Fields("{0} in other rows", change.RowFields),
            change.RecordsChange ? "other records" : "",
        ];
        return string.Join("; ", parts.Where(part => part.Length > 0));
    }

    private static string Rule(RuleExplanation rule)
    {
        var mask = Mask(rule.Mask);
        return $"{Effect(rule.Effect)}{(mask.Length > 0 ? $" {mask}" : "")}{(rule.Condition.Length > 0 ? $" where {rule.Condition}" : "")} by {string.Join(' ', rule.Rules)}";
    }

    private static string Kebab(string name) => string.Concat(name.Select((letter, index) =>
        index > 0 && char.IsAsciiLetterUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : char.ToLowerInvariant(letter).ToString()));
}
