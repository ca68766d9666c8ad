using System.Collections.Immutable;
using System.Globalization;
using Exchange.Bench.Reporting;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Policy.Language;
using Exchange.Policy.Masks;

namespace Exchange.Bench.Policies;

/// <summary>Compiles access plans of a resource of 40 fields, for each of 20 departments in turn.</summary>
internal sealed class PlanBenchmark
{
    private const int Fields = 40;
    private const int Callers = 20;

    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(20);
    private static readonly ResourceId Resource = new("case");

    private readonly string name;
    private readonly GovernanceState state;
    private readonly Caller[] callers = [.. Enumerable.Range(0, Callers).Select(i => new Caller(Name(i), new ClientId("c" + Name(i).Value), Role.DepartmentSystem))];
    private readonly List<BenchRound> rounds = [];
    private int next;
    private int rules;
    private int times = 1;

    private PlanBenchmark(string name, GovernanceState state) => (this.name, this.state) = (name, state);

    /// <summary>Among 20 departments, of which six have a sharing list of their own; twelve grants for each.</summary>
    public static PlanBenchmark Usual() => new("policy/plan-40", Found(departments: 20, lists: 6, grants: 12, rows: 0));

    /// <summary>Among 200 departments, of which twenty have a sharing list of their own; twenty grants for each caller, and 100 policy rows.</summary>
    public static PlanBenchmark Large() => new("policy/plan-large", Found(departments: 200, lists: 20, grants: 20, rows: 100));

    /// <summary>Measures one round; a warm-up is not kept.</summary>
    public void Run(bool isWarmUp)
    {
        var (nanoseconds, _) = Timing.Measure(Compile, Window, ref times);
        if (!isWarmUp)
        {
            rounds.Add(new BenchRound(nanoseconds / 1e6, null));
        }
    }

    /// <summary>The row of the report.</summary>
    public BenchResult Result() => BenchResult.AtMost(name, "ms/plan", 1, rounds) with { Informs = true };

    /// <summary>Compiles so many plans.</summary>
    public void Compile(int repeat)
    {
        for (var i = 0; i < repeat; i++)
        {
            var plan = AccessPlanCompiler.Compile(state, callers[next], Resource, PlanAction.Pull, Purpose.GovService, state.Position, Now);
            rules += plan.Value!.Fields.Length;
            next = (next + 1) % callers.Length;
        }
    }

    private static GovernanceState Found(int departments, int lists, int grants, int rows)
    {
        var state = GovernanceState.Empty;
        for (var i = 0; i < departments; i++)
        {
            Happens(new GovernanceEvent.DepartmentRegistered(new Department { Id = Name(i), DisplayName = Name(i).Value, Level = AdministrativeLevel.City, Parent = i is 0 ? null : Name(i / 20) }));
        }

        Happens(new GovernanceEvent.ResourcePublished(new ResourceDefinition(Resource, 1, Enumerable.Range(1, Fields).Select(Field)) { Department = Name(0), PublishTime = Now }));
        for (var i = 0; i < lists; i++)
        {
            Happens(new GovernanceEvent.SharingListChanged(new SharingList { Department = Name(i), Resource = Resource, Revision = 1, Entries = [.. Enumerable.Range(1, 10).Select(n => Entry((i + n) % Fields + 1, n))] }));
        }

        for (var i = 0; i < Callers * grants; i++)
        {
            Happens(new GovernanceEvent.GrantIssued(Grant(i, grants, departments)));
        }

        for (var i = 0; i < rows; i++)
        {
            Happens(new GovernanceEvent.PolicyRowSet(Row(i)));
        }

        return state;

        void Happens(GovernanceEvent governanceEvent) => state = state.Apply(governanceEvent, state.Position + 1);
    }

    private static FieldDefinition Field(int number) => new()
    {
        Name = FieldName(number),
        Number = number,
        Type = number is 2 ? FieldType.Boolean : FieldType.Text,
        Owner = (number % 8) switch { 5 => new OwnerRule.DepartmentField(FieldName(1)), 6 => new OwnerRule.Department(Name(1)), _ => new OwnerRule.Opener() },
        Level = Level.Internal,
        SharingClass = (number % 4) switch { 0 or 1 => SharingClass.Unconditional, 2 => number is 2 ? SharingClass.Unconditional : SharingClass.Conditional, _ => number % 12 is 3 ? SharingClass.NotShared : SharingClass.Conditional },
        OpenClass = OpenClass.NotOpen,
        Role = number is 2 ? FieldRole.ConfidentialityFlag : number % 10 is 7 ? FieldRole.Person : FieldRole.Unspecified,
        Mask = number % 5 is 4 ? new Mask(MaskKind.ShowLastN, 4) : default,
    };

    private static SharingEntry Entry(int number, int kind) => new()
    {
        FieldNumber = number,
        Level = Level.Internal,
        SharingClass = (kind % 3) switch { 0 => SharingClass.NotShared, 1 => SharingClass.Conditional, _ => SharingClass.Unconditional },
        OpenClass = OpenClass.NotOpen,
    };

    private static Grant Grant(int i, int perReader, int departments) => new()
    {
        Id = new GrantId(string.Create(CultureInfo.InvariantCulture, $"00000000-0000-0000-0000-{i:D12}")),
        Owner = Name((i / perReader + 1 + (i % 4)) % departments),
        Reader = Name(i / perReader),
        Resource = Resource,
        Fields = [.. Enumerable.Range(0, 5).Select(n => FieldName((i + (n * 7)) % Fields + 1))],
        Purposes = [Purpose.GovService, Purpose.Analysis],
        RowFilter = i % 3 is 0 ? "field_1 = \"east\" AND NOT field_4 = \"closed\"" : "",
        ExpireTime = Now.AddYears(1),
    };

    // Rows of the operator and of departments, on fields, the resource and everything; some in some records only.
    private static PolicyRow Row(int i) => new()
    {
        Id = new PolicyRowId(string.Create(CultureInfo.InvariantCulture, $"row-{i}")),
        Department = i % 5 is 0 ? null : Name(i),
        Subject = i % 10 is 0 ? PolicySubject.Everybody : i % 4 is 0 ? PolicySubject.Of(AdministrativeLevel.City) : PolicySubject.Of(Name(i % Callers)),
        Object = (i % 3) switch { 0 => PolicyObject.Of(Resource, FieldName((i % Fields) + 1)), 1 => PolicyObject.Of(Resource), _ => PolicyObject.Everything },
        Actions = [PolicyAction.Read],
        Condition = (i % 6) switch { 0 => "r.context.purpose == 'ANALYSIS'", 1 => "r.object.level >= 3", 2 => "r.object.owner != r.caller.parent", _ => "" },
        RowFilter = i % 4 is 1 ? "field_1 = \"east\" OR field_4 = \"open\"" : "",
        Mask = i % 7 is 1 ? new Mask(MaskKind.Redact) : default,
        Effect = i % 7 is 3 ? RuleEffect.Deny : RuleEffect.Allow,
        Reason = "measured",
    };

    private static DepartmentId Name(int i) => new(string.Create(CultureInfo.InvariantCulture, $"department-{i}"));

    private static string FieldName(int number) => string.Create(CultureInfo.InvariantCulture, $"field_{number}");
}
