using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;

namespace Exchange.Catalog.Tests;

/// <summary>An invented city with a small complaint resource, as most tests start from.</summary>
internal static class City
{
    internal static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    internal static readonly DepartmentId Hotline = new("hotline-12345");
    internal static readonly DepartmentId Forum = new("petition-forum");
    internal static readonly DepartmentId Roads = new("road-office");
    internal static readonly DepartmentId Revisit = new("follow-up");
    internal static readonly ResourceId Complaint = new("complaint");

    /// <summary>A basis for whatever is withheld.</summary>
    internal static SharingTerms Based { get; } = new() { Basis = new(BasisKind.Law, "Invented Act, section 1"), OpenBasis = new(BasisKind.Sensitive, "may tell about persons") };

    internal static FieldDefinition Field(
        string name, int number, FieldType type, OwnerRule? owner = null, SharingClass sharing = SharingClass.Unconditional, Level level = Level.Public) => new()
        {
            Name = name,
            Number = number,
            Type = type,
            Owner = owner ?? new OwnerRule.Opener(),
            Level = level,
            SharingClass = sharing,
            OpenClass = OpenClass.NotOpen,
            Terms = Based,
            CodeList = type is FieldType.Code ? new CodeListId("status") : null,
        };

    internal static ImmutableArray<FieldDefinition> ComplaintFields { get; } =
    [
        Field("title", 1, FieldType.Text) with { MaxLength = 20, Searchable = true, Required = true },
        Field("content", 2, FieldType.Text, sharing: SharingClass.Conditional, level: Level.Sensitive),
        Field("appellant_phone", 3, FieldType.Text, sharing: SharingClass.Conditional, level: Level.HighlySensitive) with
        {
            Role = FieldRole.Person, Mask = new Mask(MaskKind.ShowLastN, 4),
        },
        Field("confidential", 4, FieldType.Boolean) with { Role = FieldRole.ConfidentialityFlag },
        Field("accepted_at", 5, FieldType.Timestamp),
        Field("district", 6, FieldType.Text),
        Field("place", 7, FieldType.Point, sharing: SharingClass.Conditional, level: Level.Internal),
        Field("tags", 8, FieldType.TextList),
        Field("responsible_department", 9, FieldType.Text),
        Field("status", 10, FieldType.Code, new OwnerRule.DepartmentField("responsible_department")),
        Field("cost", 11, FieldType.Decimal, new OwnerRule.DepartmentField("responsible_department"), SharingClass.Conditional),
        Field("due_on", 12, FieldType.Date),
        Field("visits", 13, FieldType.Integer, new OwnerRule.Department(Revisit)),
        Field("leader_note", 14, FieldType.Text, new OwnerRule.Department(Revisit), SharingClass.NotShared, Level.Sensitive),
        Field("old_ticket", 15, FieldType.Text) with { Retired = true },
    ];

    internal static ResourceDraft Draft { get; } = new()
    {
        Id = Complaint,
        DisplayName = "Complaints",
        Abstract = "What citizens ask of the city",
        Department = Hotline,
        Fields = ComplaintFields,
    };

    internal static GovernanceState State { get; } = Build();

    internal static ResourceDefinition Resource => State.Resources[Complaint.Value];

    internal static Department Department(DepartmentId id, params string[] systems) => new()
    {
        Id = id,
        DisplayName = id.Value,
        Level = AdministrativeLevel.City,
        SourceSystems = [.. systems.Select(system => new SourceSystemId(system))],
    };

    internal static Department Having(this Department department, params (string Name, string Value)[] attributes) => department with
    {
        Attributes = attributes.ToImmutableSortedDictionary(attribute => attribute.Name, attribute => attribute.Value, StringComparer.Ordinal),
    };

    internal static GovernanceState After<T>(this GovernanceState state, Result<GovernanceDecision<T>> decision)
        where T : notnull =>
        state.After(decision.Value.Events);

    internal static string[] Violations<T>(this Result<T> result)
        where T : notnull =>
        [.. (result.Refusal?.Violations ?? []).Select(violation => $"{violation.Field} {violation.Reason}")];

    private static GovernanceState Build()
    {
        var state = GovernanceState.Empty;
        foreach (var department in (Department[])[Department(Hotline, "hotline"), Department(Forum, "forum"), Department(Roads), Department(Revisit)])
        {
            state = state.After(DepartmentRules.Register(state, department, Noon));
        }

        state = state.After(CodeListRules.Publish(
            state, new CodeListId("status"), [new() { Code = "open" }, new() { Code = "closed" }, new() { Code = "lost", Retired = true }]));
        foreach (var owner in (DepartmentId[])[Hotline, Forum, Revisit])
        {
            state = state.After(AgreementRules.Publish(state, new() { Id = new(owner, "reading"), Version = 0, Title = "On reading", Text = "For its purpose alone." }, "", Noon));
        }

        return state.After(ResourceRules.Publish(state, Draft, Noon));
    }
}
