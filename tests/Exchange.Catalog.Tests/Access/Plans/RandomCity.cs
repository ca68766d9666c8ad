using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;

namespace Exchange.Catalog.Tests.Access.Plans;

/// <summary>A random catalog with sharing lists and grants, and random rows for it. The same seed gives the same city.</summary>
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

    private readonly Random _random;

    public RandomCity(int seed)
    {
        (Seed, _random) = (seed, new Random(seed));
        State = GovernanceState.Empty;
        foreach (var department in Departments)
        {
            Apply(new GovernanceEvent.DepartmentRegistered(City.Department(department) with { Level = LevelOf(department), Parent = ParentOf(department) }));
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
                Apply(new GovernanceEvent.GrantRevoked(State.Grants.Values.ElementAt(_random.Next(State.Grants.Count)).Id, Now));
                break;
            case 2 when _random.Next(2) is 0:
                Apply(new GovernanceEvent.PolicyRowSet(RandomRows.Next(_random, Departments, Definition, _random.Next(6))));
                break;
            case 2 when State.PolicyRows.Count > 0:
                Apply(new GovernanceEvent.PolicyRowRemoved(State.PolicyRows.Values.ElementAt(_random.Next(State.PolicyRows.Count)).Id, "at random", Now));
                break;
            case 3:
                Apply(new GovernanceEvent.DepartmentChanged(RandomlyZoned(department)));
                break;
            default:
                Apply(new GovernanceEvent.GrantIssued(RandomGrant(department)));
                break;
        }
    }

    public CityRow Row()
    {
        var values = Definition.Fields.Select(field => field.Name switch
        {
            "responsible" => _random.Next(8) switch { 0 => default, 1 => FieldValue.Text("nobody"), _ => FieldValue.Text(Pick(Departments).Value) },
            "severity" => _random.Next(4) is 0 ? default : FieldValue.Integer(_random.Next(4)),
            _ when field.Type is FieldType.Boolean => _random.Next(4) is 0 ? default : FieldValue.Boolean(_random.Next(2) is 0),
            _ => FieldValue.Text("text"),
        });
        return new CityRow(Definition, [.. values], Pick(Departments).Value);
    }

    private IEnumerable<FieldDefinition> Fields()
    {
        yield return City.Field("responsible", 1, FieldType.Text);
        yield return City.Field("severity", 2, FieldType.Integer, sharing: RandomClass());
        if (_random.Next(4) is not 0)
        {
            yield return City.Field("confidential", 3, FieldType.Boolean, sharing: RandomClass()) with { Role = FieldRole.ConfidentialityFlag };
        }

        for (var number = 10; number < 10 + _random.Next(3, 9); number++)
        {
            yield return City.Field($"field_{number}", number, FieldType.Text, RandomOwner(), RandomClass()) with
            {
                Mask = RandomMask(FieldType.Text),
                Level = Pick([Level.Public, Level.Internal, Level.Sensitive]),
                Role = _random.Next(3) is 0 ? FieldRole.Person : FieldRole.Unspecified,
            };
        }
    }

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

    private Department RandomlyZoned(DepartmentId id) =>
        State.Departments[id.Value].Having(_random.Next(6) is 0 ? [] : [("zone", Pick(Departments).Value)]);

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
        ExpireTime = Now.AddMinutes(Pick([-10, 20, 60, 60, 60])),
        CreateTime = Now.AddDays(-1),
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
        1 => Mask.Null,
        _ => default,
    };

    private T Pick<T>(T[] items) => items[_random.Next(items.Length)];

    private void Apply(GovernanceEvent happened) => State = State.Apply(happened, State.Position + 1);
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
