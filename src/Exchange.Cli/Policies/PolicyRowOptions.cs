using System.CommandLine;
using System.Globalization;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;

namespace Exchange.Cli.Policies;

/// <summary>The options that say what a policy row says.</summary>
internal static class PolicyRowOptions
{
    private static readonly Option<string> _effect = new Option<string>("--effect") { Description = "permit or forbid; what forbids wins", Required = true }.AcceptOnlyFromAmong("permit", "forbid");
    private static readonly Option<string> _subject = new("--who") { Description = "*, departments/ID (with those below it), levels/LEVEL or roles/ROLE", Required = true };
    private static readonly Option<string> _object = new("--what") { Description = "*, categories/CODE (with those below it), resources/ID or resources/ID/fields/NAME", Required = true };
    private static readonly Option<string[]> _actions = new("--actions") { Description = "read, follow, match or export, or, only to forbid, write, propose or administer; parted by commas", DefaultValueFactory = _ => ["read", "follow"], AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> _condition = new("--condition") { Description = "Casbin expression over r.caller (department, parent, level, …), r.object (resource, field, owner, level, sharing, …) and r.context (purpose, time, date, network, …), e.g. 'r.context.purpose == \"EMERGENCY\"'" };
    private static readonly Option<string?> _filter = new("--row-filter") { Description = "only records that match, for write and propose before or after; may name caller.department, caller.parent, caller.level and departments' attributes, e.g. 'district = caller.district'" };
    private static readonly Option<string?> _mask = new("--mask") { Description = "mask on what it permits, e.g. redact or show-last-n:4" };
    private static readonly Option<string?> _department = new("--department") { Description = "department that answers for the row; left out, it is the operator's and holds for all" };
    private static readonly Option<string?> _reason = new("--reason") { Description = "why it stands; kept with the change", Required = true };

    /// <summary>All of them, for setting a row.</summary>
    public static IEnumerable<Symbol> Symbols => [_effect, _subject, _object, _actions, _condition, _filter, _mask, _department, _reason];

    /// <summary>The row that the options say.</summary>
    public static PolicyRow Read(CommandContext context, string row) => new()
    {
        Name = PolicyText.Name(row),
        Department = context.Value(_department) is { } department ? CommonOptions.Name("departments", department) : "",
        Subject = context.Value(_subject)!,
        Object = context.Value(_object)!,
        Actions = { (context.Value(_actions) ?? []).SelectMany(word => word.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Select(ToAction) },
        Condition = context.Value(_condition) ?? "",
        RowFilter = context.Value(_filter) ?? "",
        Mask = context.Value(_mask) is { } mask ? ToMask(mask) : null,
        Effect = context.Value(_effect) is "permit" ? PolicyEffect.Allow : PolicyEffect.Deny,
        Reason = context.Value(_reason) ?? "",
    };

    /// <summary>`redact`, `show-last-n:4`.</summary>
    public static Mask ToMask(string text)
    {
        var (word, number) = text.Split(':') is [var kind, var parameter] ? (kind, parameter) : (text, "0");
        return Enum.TryParse<MaskKind>(word.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mask) && Enum.IsDefined(mask) && !char.IsAsciiDigit(word[0])
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? new Mask { Kind = mask, Parameter = value }
            : throw new UsageException($"`{text}` is no mask: give a kind such as redact, or a kind with a number such as show-last-n:4");
    }

    /// <summary>`read`, `follow`, …</summary>
    public static PolicyAction ToAction(string word) => Enum.TryParse<PolicyAction>(word, ignoreCase: true, out var action) && Enum.IsDefined(action) && !char.IsAsciiDigit(word[0])
        ? action
        : throw new UsageException($"`{word}` is no action: give read, follow, match, export, write, propose or administer");
}
