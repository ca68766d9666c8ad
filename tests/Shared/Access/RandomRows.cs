using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Policy.Language;
using Exchange.Policy.Masks;

namespace Exchange.Testing.Access;

/// <summary>Random policy rows, made of conditions and filters whose meaning is written out by hand beside them.</summary>
internal static class RandomRows
{
    /// <summary>Category of the city's resource, and the one above.</summary>
    public const string Category = "civil.complaint";
    public const string CategoryAbove = "civil";

    /// <summary>A condition that fails where the caller's department has no zone.</summary>
    public const string AsksForZone = "r.object.owner == r.caller.zone";

    /// <summary>Conditions; null says that the expression fails.</summary>
    public static readonly (string Text, Func<Question, bool?> Holds)[] Conditions =
    [
        ("", _ => true),
        ("r.context.purpose == 'ANALYSIS'", asked => asked.Purpose is Purpose.Analysis),
        ("r.caller.level == 'district' || r.caller.parent == 'dep-b'", asked => asked.Caller.Level is AdministrativeLevel.District || asked.Caller.Parent?.Value == "dep-b"),
        ("r.object.level > 2", asked => asked.Entry.Level > Level.Internal),
        ("r.object.sharing == 'conditional' && !r.object.granted", asked => asked.Entry.SharingClass is SharingClass.Conditional && !asked.IsGranted),
        ("r.object.granted", asked => asked.IsGranted),
        ("r.object.person || r.object.field == 'severity'", asked => asked.Field.Role is FieldRole.Person || asked.Field.Name == "severity"),
        ("r.object.owner == 'dep-c'", asked => asked.Owner == "dep-c"),
        ("r.object.owner != ''", asked => asked.Owner is not ""),
        ("r.object.owner == 'dep-b' || r.object.owner == ''", asked => asked.Owner is "" or "dep-b"),
        ("r.object.owner == r.caller.parent", asked => asked.Owner == (asked.Caller.Parent?.Value ?? "")),
        ("r.object.owner != '' && r.object.department != r.object.owner", asked => asked.Owner is not "" and not "dep-a"),
        (AsksForZone, asked => asked.Caller.Attributes.TryGetValue("zone", out var zone) ? asked.Owner == zone : null),
        ("r.context.time >= '00:00' && r.context.date >= '2000-01-01'", _ => true),
        ("r.caller.role in ('steward', 'department-system')", _ => true),
        ("r.object.level > r.caller.level", _ => null),
        ("r.object.owner == 'dep-d' && r.object.level > 'high'", asked => asked.Owner == "dep-d" ? null : false),
        ("ipMatch(r.context.network, '127.0.0.0/8')", asked => asked.Network is null ? null : asked.Network.StartsWith("127.", StringComparison.Ordinal)),
    ];

    /// <summary>Row filters; those without a meaning cannot be read.</summary>
    public static readonly (string Text, Func<CityRow, Department, bool>? Holds)[] RowFilters =
    [
        ("", (_, _) => true),
        ("opener_department = caller.department", (row, caller) => row.Opener == caller.Id.Value),
        ("responsible = caller.parent", (row, caller) => caller.Parent is not null && row["responsible"] == caller.Parent.Value.Value),
        ("NOT responsible = caller.parent", (row, caller) => caller.Parent is null || row["responsible"] != caller.Parent.Value.Value),
        ("responsible != caller.parent", (row, caller) => caller.Parent is not null && row["responsible"] is { } responsible && responsible != caller.Parent.Value.Value),
        ("responsible = caller.level", (_, _) => false),
        ("responsible = \"caller.department\"", (_, _) => false),
        ("record.confidential = true", (row, _) => row.IsConfidential),
        ("record.confidential != true AND severity > 1", (row, _) => !row.IsConfidential && row.Severity > 1),
        ("severity <= 2 OR responsible = caller.department", (row, caller) => row.Severity <= 2 || row["responsible"] == caller.Id.Value),
        ("responsible = caller.zone", (row, caller) => caller.Attributes.TryGetValue("zone", out var zone) && row["responsible"] == zone),
        ("NOT responsible = caller.zone", (row, caller) => !caller.Attributes.TryGetValue("zone", out var zone) || row["responsible"] != zone),
        ("responsible = caller.colour", (_, _) => false),
        ("nosuch = 1", null),
    ];

    private const int FailingConditions = 3;
    private const int FailingFilters = 1;

    public static PolicyRow Next(Random random, IReadOnlyList<DepartmentId> departments, ResourceDefinition resource, int number)
    {
        var isPermit = random.Next(3) is not 0;
        return new PolicyRow
        {
            Id = new PolicyRowId($"row-{number:00}"),
            Department = random.Next(3) is 0 ? null : Pick(random, departments),
            Subject = Pick(random, ["*", "*", "*", "roles/department-system", "roles/operator", "levels/city", "levels/district", "departments/dep-a", "departments/dep-b", $"departments/{Pick(random, departments)}"]),
            Object = isPermit || random.Next(2) is 0
                ? Pick(random, ["*", "*", "resources/complaint", "resources/complaint", $"categories/{Category}", $"categories/{CategoryAbove}", "categories/other", "resources/other"])
                : FieldOf(random, resource),
            Actions = Pick<PolicyAction[]>(random, [[PolicyAction.Read], [PolicyAction.Follow], [PolicyAction.Read, PolicyAction.Follow], [PolicyAction.Read, PolicyAction.Follow], [PolicyAction.Read, PolicyAction.Follow], [PolicyAction.Write]]) is var actions ? [.. actions] : [],
            Condition = Most(random, Conditions, FailingConditions).Text,
            RowFilter = Most(random, RowFilters, FailingFilters).Text,
            Effect = isPermit ? RuleEffect.Allow : RuleEffect.Deny,
            Mask = isPermit ? Pick(random, [default, Mask.None, Mask.Null, new Mask(MaskKind.ShowFirstN, 1)]) : default,
            Reason = "made at random",
        };
    }

    private static string FieldOf(Random random, ResourceDefinition resource) => $"resources/complaint/fields/{Pick(random, resource.Fields).Name}";

    // What fails closes much: a tenth of the rows, or there would be nothing left to see.
    private static T Most<T>(Random random, T[] items, int last) => random.Next(10) is 0 ? items[^random.Next(1, last + 1)] : items[random.Next(items.Length - last)];

    private static T Pick<T>(Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];
}

/// <summary>What a condition is asked about.</summary>
internal sealed record Question(Department Caller, string Owner, FieldDefinition Field, SharingEntry Entry, bool IsGranted, Purpose Purpose, string? Network);
