using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;

namespace Exchange.Testing.Access;

/// <summary>A random catalog with sharing lists, grants and policy rows, and random records for it. The same seed gives the same city.</summary>
internal sealed class RandomCity
{
    public static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    public static readonly ResourceId Resource = new("complaint");
    public static readonly DepartmentId[] Departments = [.. "abcde".Select(letter => new DepartmentId($"dep-{letter}"))];
    public static readonly Purpose[] Purposes = [Purpose.GovService, Purpose.Analysis];

    /// <summary>Row filters with the same meaning written out by hand; the last cannot be read.</summary>
    public static readonly (string Text, Func<CityRow, bool>? Holds)[] RowFilters =
    [
        ("", _ => true),
        ("opener_department = \"dep-b\"", row => row.Opener == "dep-b"),
        ("responsible = \"dep-c\" OR responsible = \"dep-d\"", row => row["responsible"] is "dep-c" or "dep-d"),
        ("NOT responsible = \"dep-c\"", row => row["responsible"] is not "dep-c"),
        ("severity > 1 AND responsible:*", row => row.Severity > 1 && row["responsible"] is not null),
        ("severity != 2", row => row.Severity is not (null or 2)),
        ("nosuch = 1", null),
    ];

    private static readonly FieldType[] FieldTypes =
        [FieldType.Text, FieldType.Text, FieldType.Text, FieldType.Text, FieldType.Decimal, FieldType.Date, FieldType.Timestamp, FieldType.TextList, FieldType.Point];

    private readonly Random _random;
    private readonly DateTimeOffset _now;
    private readonly List<GovernanceEvent> _events = [];

    public RandomCity(int seed, DateTimeOffset? now = null)
    {
        (Seed, _random, _now) = (seed, new Random(seed), now ?? Now);
        State = GovernanceState.Empty;
        foreach (var department in Departments)
        {
            Apply(new GovernanceEvent.DepartmentRegistered(new Department
            {
                Id = department,
                DisplayName = department.Value,
                Level = LevelOf(department),
                Parent = ParentOf(department),
                SourceSystems = [new SourceSystemId($"{department}-desk")],
            }));
            Apply(new GovernanceEvent.DepartmentChanged(RandomlyZoned(department)));
        }

        Apply(new GovernanceEvent.CategoriesDefined(
        [
            new Category { Code = new(RandomRows.CategoryAbove), DisplayName = "Civil" },
            new Category { Code = new(RandomRows.Category), DisplayName = "Complaints", Parent = new(RandomRows.CategoryAbove) },
        ]));

        Apply(new GovernanceEvent.ResourcePublished(new ResourceDefinition(Resource, 1, [.. Fields()]) { Department = Departments[0], Category = new(RandomRows.Category) }));
        for (var row = 0; row < 5; row++)
        {
            Apply(new GovernanceEvent.PolicyRowSet(RandomRows.Next(_random, Departments, Definition, row)));
        }

        for (var change = 0; change < 12; change++)
        {
            Change();
        }
    }

    public int Seed { get; }

    public GovernanceState State { get; private set; }

    /// <summary>All that made the state, in order.</summary>
    public IReadOnlyList<GovernanceEvent> Events => _events;

    public ResourceDefinition Definition => State.Resources[Resource.Value];

    /// <summary>Changes a sharing list or a department, issues or revokes a grant, or sets or removes a policy row.</summary>
    public void Change()
    {
        var department = Pick(Departments);
        switch (_random.Next(7))
        {
            case 0:
                var entries = Definition.Fields.Where(_ => _random.Next(3) is 0).Select(field => new SharingEntry
                {
                    FieldNumber = field.Number,
                    Level = Pick([Level.Public, Level.Internal, Level.Sensitive]),
                    SharingClass = RandomClass(),
                    OpenClass = OpenClass.NotOpen,
                    Mask = RandomMask(field.Type),
                });
                Apply(new GovernanceEvent.SharingListChanged(new SharingList { Department = department, Resource = Resource, Entries = [.. entries], Revision = 1 }));
                break;
            case 1 when State.Grants.Count > 0:
                Apply(new GovernanceEvent.GrantRevoked(State.Grants.Values.ElementAt(_random.Next(State.Grants.Count)).Id, "a test", _now));
                break;
            case 2 when _random.Next(2) is 0:
                Apply(new GovernanceEvent.PolicyRowSet(RandomRows.Next(_random, Departments, Definition, _random.Next(6))));
                break;
            case 2 when State.PolicyRows.Count > 0:
                Apply(new GovernanceEvent.PolicyRowRemoved(State.PolicyRows.Values.ElementAt(_random.Next(State.PolicyRows.Count)).Id, "at random", _now));
                break;
            case 3:
                Apply(new GovernanceEvent.DepartmentChanged(RandomlyZoned(department)));
                break;
            default:
                Apply(new GovernanceEvent.GrantIssued(RandomGrant(department)));
                break;
        }
    }

    public CityRow Row() => new(Definition, [.. Definition.Fields.Select(field => Value(field, _random))], Pick(Departments).Value);

    /// <summary>A value of the field, or none: few of each, so that they often come again.</summary>
    public static FieldValue Value(FieldDefinition field, Random random) => field.Name switch
    {
        "responsible" => random.Next(8) switch { 0 => default, 1 => FieldValue.Text("nobody"), _ => FieldValue.Text(Departments[random.Next(Departments.Length)].Value) },
        "severity" => random.Next(4) is 0 ? default : FieldValue.Integer(random.Next(4)),
        _ => (field.Type, random.Next(4)) switch
        {
            (_, 0) => default,
            (FieldType.Boolean, var n) => FieldValue.Boolean(n > 1),
            (FieldType.Decimal, var n) => FieldValue.Decimal(n * 2.5m),
            (FieldType.Date, var n) => FieldValue.Date(20_000 + (n * 100)),
            (FieldType.Timestamp, var n) => FieldValue.Timestamp(1_700_000_000_000_001 + (n * 10_000_000_000_000)),
            (FieldType.TextList, var n) => FieldValue.TextList([.. Enumerable.Range(0, n).Select(item => $"tag {item}")]),
            (FieldType.Point, var n) => FieldValue.Point(30 + (n * 0.01), 120),
            (_, var n) => FieldValue.Text((string[])["Leaking pipe", "路灯不亮", "13800001111"] is var texts ? texts[n - 1] : ""),
        },
    };

    private IEnumerable<FieldDefinition> Fields()
    {
        yield return Field("responsible", 1, FieldType.Text, new OwnerRule.Opener(), SharingClass.Unconditional);
        yield return Field("severity", 2, FieldType.Integer, new OwnerRule.Opener(), RandomClass());
        if (_random.Next(4) is not 0)
        {
            yield return Field("confidential", 3, FieldType.Boolean, new OwnerRule.Opener(), RandomClass()) with { Role = FieldRole.ConfidentialityFlag };
        }

        for (var number = 10; number < 10 + _random.Next(3, 9); number++)
        {
            var type = Pick(FieldTypes);
            yield return Field($"field_{number}", number, type, RandomOwner(), RandomClass()) with
            {
                Mask = RandomMask(type),
                Level = Pick([Level.Public, Level.Internal, Level.Sensitive]),
                Role = _random.Next(3) is 0 ? FieldRole.Person : FieldRole.Unspecified,
            };
        }
    }

    private static FieldDefinition Field(string name, int number, FieldType type, OwnerRule owner, SharingClass sharing) => new()
    {
        Name = name,
        Number = number,
        Type = type,
        Owner = owner,
        Level = Level.Public,
        SharingClass = sharing,
        OpenClass = OpenClass.NotOpen,
        MaxLength = type is FieldType.Text ? 100 : 0,
    };

    // dep-a above dep-b above dep-c and dep-d; dep-e stands alone.
    private static DepartmentId? ParentOf(DepartmentId department) => department.Value switch
    {
        "dep-b" => new DepartmentId("dep-a"),
        "dep-c" or "dep-d" => new DepartmentId("dep-b"),
        _ => null,
    };

    private static AdministrativeLevel LevelOf(DepartmentId department) => department.Value switch
    {
        "dep-b" => AdministrativeLevel.District,
        "dep-c" or "dep-d" => AdministrativeLevel.Street,
        _ => AdministrativeLevel.City,
    };

    private Department RandomlyZoned(DepartmentId id)
    {
        var attributes = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
        return State.Departments[id.Value] with { Attributes = _random.Next(6) is 0 ? attributes : attributes.Add("zone", Pick(Departments).Value) };
    }

    private Grant RandomGrant(DepartmentId owner) => new()
    {
        Id = new GrantId($"grant-{State.Grants.Count:00}"),
        Owner = owner,
        Reader = Pick(Departments),
        Resource = Resource,
        Fields = [.. Definition.Fields.Where(_ => _random.Next(2) is 0).Select(field => field.Name)],
        Purposes = _random.Next(3) is 0 ? [.. Purposes] : [Pick(Purposes)],
        RowFilter = RowFilters[_random.Next(20) is 0 ? RowFilters.Length - 1 : _random.Next(RowFilters.Length - 1)].Text,
        Mask = _random.Next(3) is 0 ? Pick([Mask.None, Mask.Null]) : default,
        ExpireTime = _now.AddMinutes(Pick([-10, 20, 60, 60, 60])),
        CreateTime = _now.AddDays(-1),
    };

    private OwnerRule RandomOwner() => _random.Next(3) switch
    {
        0 => new OwnerRule.Opener(),
        1 => new OwnerRule.DepartmentField("responsible"),
        _ => new OwnerRule.Department(Pick(Departments)),
    };

    private SharingClass RandomClass() => Pick([SharingClass.Unconditional, SharingClass.Unconditional, SharingClass.Conditional, SharingClass.Conditional, SharingClass.NotShared]);

    private Mask RandomMask(FieldType type) => _random.Next(3) switch
    {
        0 when type is FieldType.Text => Pick([new Mask(MaskKind.Redact), new Mask(MaskKind.ShowLastN, 4), Mask.None]),
        0 when type is FieldType.TextList => new Mask(MaskKind.Redact),
        0 when type is FieldType.Decimal => new Mask(MaskKind.BucketNumber, 5),
        0 when type is FieldType.Date or FieldType.Timestamp => new Mask(MaskKind.YearOnly),
        0 when type is FieldType.Point => new Mask(MaskKind.TruncateGeo, 500),
        1 => Mask.Null,
        _ => default,
    };

    private T Pick<T>(T[] items) => items[_random.Next(items.Length)];

    private void Apply(GovernanceEvent happened)
    {
        _events.Add(happened);
        State = State.Apply(happened, State.Position + 1);
    }
}

/// <summary>A row of a random city.</summary>
internal sealed class CityRow(ResourceDefinition definition, FieldValue[] values, string opener) : IRow
{
    public string Opener => opener;

    public long? Severity => definition.IndexOf("severity") is var index && values[index].IsMissing ? null : values[index].AsInteger;

    public bool IsConfidential => definition.IndexOf("confidential") is var index and >= 0 && values[index] is { IsMissing: false, AsBoolean: true };

    public string? this[string name] => values[definition.IndexOf(name)] is { IsMissing: false } value ? value.AsText : null;

    public FieldValue Get(int number) => number switch
    {
        -1 => FieldValue.Text(opener),
        < 0 => throw new ArgumentOutOfRangeException(nameof(number)),
        _ => values[definition.IndexOf(number)],
    };
}
