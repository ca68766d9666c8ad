using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;

namespace Exchange.Server.Tests.Records;

/// <summary>
/// An invented city: a hotline centre opens complaints, housing and traffic handle them, a grid centre knows where they are, an archive reads.
/// </summary>
internal static class City
{
    public static readonly Caller Centre = CallerOf("centre");
    public static readonly Caller Housing = CallerOf("housing");
    public static readonly Caller Traffic = CallerOf("traffic");
    public static readonly Caller Grid = CallerOf("grid");
    public static readonly Caller Archive = CallerOf("archive");

    public static readonly ResourceId Complaint = new("complaint");

    /// <summary>Fields in the order of their numbers.</summary>
    public static readonly FieldDefinition[] Fields =
    [
        Field(1, "title", FieldType.Text) with { Searchable = true, Required = true },
        Field(2, "content", FieldType.Text) with
        {
            Searchable = true, Level = Level.Sensitive, SharingClass = SharingClass.Conditional, Role = FieldRole.Person, MaxLength = 200_000,
        },
        Field(3, "phone", FieldType.Text) with
        {
            Level = Level.HighlySensitive, SharingClass = SharingClass.Conditional, Role = FieldRole.Person, Mask = new Mask(MaskKind.ShowLastN, 4), MaxLength = 20,
        },
        Field(4, "confidential", FieldType.Boolean) with { Role = FieldRole.ConfidentialityFlag },
        Field(5, "responsible", FieldType.Code) with { CodeList = new CodeListId("departments") },
        Field(6, "status", FieldType.Code) with { CodeList = new CodeListId("statuses"), Owner = new OwnerRule.DepartmentField("responsible") },
        Field(7, "result", FieldType.Text) with { Owner = new OwnerRule.DepartmentField("responsible"), SharingClass = SharingClass.Conditional },
        Field(8, "place", FieldType.Point) with { Owner = new OwnerRule.Department(Grid.Department), Mask = new Mask(MaskKind.TruncateGeo, 500) },
        Field(9, "tags", FieldType.TextList),
        Field(10, "fee", FieldType.Decimal),
        Field(11, "due", FieldType.Date) with { Indexed = true },
        Field(12, "accepted_at", FieldType.Timestamp),
        Field(13, "calls", FieldType.Integer) with { Indexed = true },
        Field(14, "secret_note", FieldType.Text) with { SharingClass = SharingClass.NotShared },
        Field(15, "old", FieldType.Text) with { Retired = true },
        Field(16, "grid_note", FieldType.Text) with { Owner = new OwnerRule.Department(Grid.Department), SharingClass = SharingClass.Conditional },
    ];

    /// <summary>The city's governance. The position is that of its last event.</summary>
    public static GovernanceState State { get; } = Build();

    /// <summary>Adds facts to a state.</summary>
    public static GovernanceState With(this GovernanceState state, params GovernanceEvent[] events) =>
        events.Aggregate(state, (current, e) => current.Apply(e, current.Position + 1));

    /// <summary>A grant of the centre, or of another department, to the archive.</summary>
    public static Grant GrantTo(Caller reader, Caller owner, string id, params string[] fields) => new()
    {
        Id = new GrantId(id),
        Owner = owner.Department,
        Reader = reader.Department,
        Resource = Complaint,
        Fields = [.. fields],
        Purposes = [Purpose.Regulation],
        ExpireTime = DateTimeOffset.UtcNow.AddDays(30),
    };

    private static Caller CallerOf(string department) => new(new DepartmentId(department), new ClientId(department + "-system"), Role.DepartmentSystem);

    private static FieldDefinition Field(int number, string name, FieldType type) => new()
    {
        Number = number,
        Name = name,
        Type = type,
        Owner = new OwnerRule.Opener(),
        Level = Level.Public,
        SharingClass = SharingClass.Unconditional,
        OpenClass = OpenClass.NotOpen,
        MaxLength = type is FieldType.Text ? 400 : 0,
    };

    private static GovernanceState Build()
    {
        Caller[] callers = [Centre, Housing, Traffic, Grid, Archive];
        var departments = callers.Select(caller => new GovernanceEvent.DepartmentRegistered(new Department
        {
            Id = caller.Department,
            DisplayName = caller.Department.Value,
            Level = AdministrativeLevel.City,
            SourceSystems = [new SourceSystemId(caller.Department.Value + "-desk")],
        }));
        return GovernanceState.Empty.With(
            [
                .. departments,
                new GovernanceEvent.CodeListPublished(Codes("departments", "housing", "traffic")),
                new GovernanceEvent.CodeListPublished(Codes("statuses", "open", "done")),
                new GovernanceEvent.ResourcePublished(new ResourceDefinition(Complaint, 1, Fields) { Department = Centre.Department }),
            ]);
    }

    private static CodeList Codes(string id, params string[] codes) => new(new CodeListId(id), 1, [.. codes.Select(code => new CodeEntry { Code = code })]);
}
