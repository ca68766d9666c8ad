using System.Globalization;
using Exchange.Bench.Reporting;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;

namespace Exchange.Bench.Policies;

/// <summary>Masks records of 20 fields as a pull does: ten values stand as they are, ten are masked, one of each kind and a second where types differ.</summary>
internal sealed class MaskBenchmark
{
    private const int Records = 256;

    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(10);

    // Without HASH_KEYED, which is a row of its own: SHA-256 alone takes half of a microsecond.
    private static readonly (FieldType Type, Mask Mask)[] Fields =
    [
        (FieldType.Text, default), (FieldType.Text, new(MaskKind.ShowFirstN, 1)), (FieldType.Text, new(MaskKind.ShowLastN, 4)), (FieldType.Text, new(MaskKind.Redact)),
        (FieldType.Text, new(MaskKind.GeneralizeRegion, 2)), (FieldType.Text, new(MaskKind.GeneralizeRegion, 3)), (FieldType.Date, new(MaskKind.YearOnly)), (FieldType.Timestamp, new(MaskKind.YearOnly)),
        (FieldType.Integer, new(MaskKind.BucketNumber, 500)), (FieldType.Decimal, new(MaskKind.BucketNumber, 1_000)), (FieldType.Point, new(MaskKind.TruncateGeo, 500)), (FieldType.Text, default),
        (FieldType.Text, default), (FieldType.Text, default), (FieldType.Timestamp, default), (FieldType.Timestamp, default), (FieldType.Integer, default), (FieldType.Boolean, default),
        (FieldType.Date, default), (FieldType.Decimal, default),
    ];

    private readonly PlanMasks masks;
    private readonly MaskDelegate hash = MaskRules.Compile(new Mask(MaskKind.HashKeyed), FieldType.Text, new byte[32]);
    private readonly FieldValue[][] records = [.. Enumerable.Range(0, Records).Select(Record)];
    private readonly short[] rules = new short[Fields.Length];
    private readonly List<BenchRound> whole = [];
    private readonly List<BenchRound> hashes = [];
    private int next;
    private long shown;
    private int times = 256;
    private int hashTimes = 256;

    public MaskBenchmark()
    {
        var resource = new ResourceDefinition(new ResourceId("case"), 1, Fields.Select(Field)) { Department = new DepartmentId("writer"), PublishTime = Now };
        var state = GovernanceState.Empty
            .Apply(new GovernanceEvent.DepartmentRegistered(Department("writer")), 1)
            .Apply(new GovernanceEvent.DepartmentRegistered(Department("reader")), 2)
            .Apply(new GovernanceEvent.ResourcePublished(resource), 3);
        var plan = AccessPlanCompiler.Compile(state, new Caller(new DepartmentId("reader"), new ClientId("reader"), Role.DepartmentSystem), resource.Id, PlanAction.Pull, Purpose.GovService, 3, Now).Value!;
        masks = new PlanMasks(plan, new byte[32]);
        var isVisible = new PlanEvaluator(plan).Evaluate(new Opened(), rules);
        var masked = Enumerable.Range(0, rules.Length).Count(field => masks.IsMasked(field, rules[field]));
        if (!isVisible || masked != 10)
        {
            throw new InvalidOperationException($"{masked} of the fields are masked, not 10");
        }
    }

    /// <summary>Measures one round; a warm-up is not kept.</summary>
    public void Run(bool isWarmUp)
    {
        var (nanoseconds, _) = Timing.Measure(Show, Window, ref times);
        var (ofHash, _) = Timing.Measure(Hash, Window, ref hashTimes);
        if (!isWarmUp)
        {
            whole.Add(new BenchRound(nanoseconds, null));
            hashes.Add(new BenchRound(ofHash, null));
        }
    }

    /// <summary>The rows of the report.</summary>
    public IEnumerable<BenchResult> Results() =>
    [
        BenchResult.AtMost("policy/mask-20", "ns/record", 1_000, whole) with { Informs = true },
        BenchResult.AtMost("policy/mask-hash", "ns/value", 1_000, hashes) with { Informs = true },
    ];

    private void Show(int repeat)
    {
        for (var i = 0; i < repeat; i++)
        {
            var record = records[next];
            for (var field = 0; field < record.Length; field++)
            {
                shown += masks.Show(field, rules[field], record[field]).IsMissing ? 0 : 1;
            }

            next = (next + 1) % Records;
        }
    }

    private void Hash(int repeat)
    {
        for (var i = 0; i < repeat; i++)
        {
            shown += hash(records[next][2]).IsMissing ? 0 : 1;
            next = (next + 1) % Records;
        }
    }

    private static FieldDefinition Field((FieldType Type, Mask Mask) field, int index) => new()
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"field_{index + 1}"),
        Number = index + 1,
        Type = field.Type,
        Owner = new OwnerRule.Opener(),
        Level = Level.Internal,
        SharingClass = SharingClass.Unconditional,
        OpenClass = OpenClass.NotOpen,
        Mask = field.Mask,
    };

    private static FieldValue[] Record(int number)
    {
        var random = new Random(number);
        return [.. Fields.Select((field, index) => Value(field.Type, index, random))];
    }

    private static FieldValue Value(FieldType type, int index, Random random) => type switch
    {
        FieldType.Integer => FieldValue.Integer(random.Next(1_000_000)),
        FieldType.Decimal => FieldValue.Decimal(random.Next(1_000_000) / 100m),
        FieldType.Boolean => FieldValue.Boolean(random.Next(2) is 0),
        FieldType.Date => FieldValue.Date(random.Next(18_000, 20_500)),
        FieldType.Timestamp => FieldValue.Timestamp(random.NextInt64(1_500_000_000_000_000, 1_770_000_000_000_000)),
        FieldType.Point => FieldValue.Point(30 + random.NextDouble(), 120 + random.NextDouble()),
        _ => FieldValue.Text(index switch
        {
            1 => random.Next(2) is 0 ? "王小明" : "Ann Example",
            2 => string.Create(CultureInfo.InvariantCulture, $"138{random.Next(100_000_000):D8}"),
            3 => "路灯不亮，请尽快修理 (lamp 12)",
            4 => string.Create(CultureInfo.InvariantCulture, $"North/Old Town/{random.Next(100)} High Street"),
            5 => string.Create(CultureInfo.InvariantCulture, $"{random.Next(110_000, 659_999):D6}{random.Next(1_000_000):D6}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"text {random.Next()} of field {index}"),
        }),
    };

    private static Department Department(string id) => new() { Id = new DepartmentId(id), DisplayName = id, Level = AdministrativeLevel.City };

    private readonly struct Opened : IRow
    {
        public FieldValue Get(int number) => number == SystemAttributes.Opener.Number ? FieldValue.Text("writer") : default;
    }
}
