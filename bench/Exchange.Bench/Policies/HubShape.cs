using System.Globalization;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Policy.Conditions;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;

namespace Exchange.Bench.Policies;

/// <summary>The hub's own model, base rows, trees and attributes, with 4 000 rows of 200 departments about 1 000 fields.</summary>
internal static class HubShape
{
    private const int Departments = 200;
    private const int Resources = 100;
    private const int FieldsPerResource = 10;
    private const int Categories = 12;
    private const int Rows = 4_000;

    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Conditions = ["", "r.context.purpose == 'GOV_SERVICE'", "r.object.level >= 3", "r.caller.level == 'city' && r.context.channel == 'grpc'"];

    /// <summary>The shape, with these requests.</summary>
    public static PolicyShape Make(int requests)
    {
        var random = new Random(200);
        var state = GovernanceState.Empty;
        Happens(Enumerable.Range(0, Departments).Select(i => new GovernanceEvent.DepartmentRegistered(new Department
        {
            Id = Department(i),
            DisplayName = Department(i).Value,
            Level = i < 20 ? AdministrativeLevel.City : AdministrativeLevel.District,
            Parent = i is 0 ? null : Department(i / 10),
        })));
        Happens([new GovernanceEvent.CategoriesDefined([.. Enumerable.Range(0, Categories).Select(i => new Category { Code = Category(i), DisplayName = Category(i).Value, Parent = i < 4 ? null : Category(i / 4) })])]);
        Happens(Enumerable.Range(0, Resources).Select(i => new GovernanceEvent.ResourcePublished(new ResourceDefinition(Resource(i), 1, Enumerable.Range(1, FieldsPerResource).Select(Field))
        {
            Department = Department(i * 2),
            Category = Category(i % Categories),
            PublishTime = Now,
        })));
        Happens(Enumerable.Range(0, Rows).Select(i => new GovernanceEvent.PolicyRowSet(Row(i, random))));

        var fields = state.Resources.Values.SelectMany(resource => resource.Fields, static (resource, field) => (resource, field)).ToArray();
        var callers = state.Departments.Values.Select(department => CallerAttributes.Of(state, department.Id, Role.DepartmentSystem)!).ToArray();
        return new(
            "hub-4k",
            HubModel.ModelText,
            string.Join('\n', state.Policy.Snapshot.Policy.Rows),
            [
                .. Enumerable.Range(0, requests).Select(_ =>
                {
                    var (resource, field) = fields[random.Next(fields.Length)];
                    var target = new ObjectAttributes(resource, field)
                    {
                        Owner = Department(random.Next(Departments)),
                        Entry = new()
                        {
                            FieldNumber = field.Number,
                            Level = (Level)random.Next(1, 5),
                            SharingClass = random.Next(2) is 0 ? SharingClass.Unconditional : SharingClass.Conditional,
                            OpenClass = OpenClass.NotOpen,
                        },
                        IsGranted = random.Next(4) is 0,
                    };
                    return new[] { callers[random.Next(callers.Length)].AsValue, target.AsValue, new string("read".AsSpan()), new ContextAttributes(Purpose.GovService, Now).AsValue };
                }),
            ])
        {
            Build = () => new HubPolicy(state.Departments, state.Resources, state.Categories, state.PolicyRows).Snapshot,
        };

        void Happens(IEnumerable<GovernanceEvent> events) => state = events.Aggregate(state, static (before, one) => before.Apply(one, before.Position + 1));
    }

    private static PolicyRow Row(int i, Random random) => new()
    {
        Id = RowId(i),
        Department = i % 5 is 0 ? null : Department(random.Next(Departments)),
        Subject = i % 10 is 0 ? PolicySubject.Everybody : PolicySubject.Of(Department(random.Next(Departments))),
        Object = random.Next(Resources) is var resource && i % 3 is 1 ? PolicyObject.Of(Resource(resource)) : PolicyObject.Of(Resource(resource), FieldName(random.Next(1, FieldsPerResource + 1))),
        Actions = [PolicyAction.Read],
        Condition = Conditions[i % 4],
        Effect = i % 3 is 0 ? RuleEffect.Deny : RuleEffect.Allow,
        Reason = "measured",
    };

    private static FieldDefinition Field(int number) => new()
    {
        Name = FieldName(number),
        Number = number,
        Type = FieldType.Text,
        Owner = new OwnerRule.Opener(),
        Level = Level.Internal,
        SharingClass = SharingClass.Unconditional,
        OpenClass = OpenClass.NotOpen,
    };

    private static DepartmentId Department(int i) => new(Named("department-", i));

    private static ResourceId Resource(int i) => new(Named("resource-", i));

    private static CategoryCode Category(int i) => new(Named("category-", i));

    private static PolicyRowId RowId(int i) => new(Named("row-", i));

    private static string FieldName(int number) => Named("field_", number);

    private static string Named(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{number}");
}
