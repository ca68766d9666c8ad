using BenchmarkDotNet.Attributes;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;

namespace Exchange.Benchmarks;

/// <summary>One value under each kind of mask.</summary>
[MemoryDiagnoser]
public class MaskBenchmarks
{
    private static readonly Dictionary<MaskKind, (int Parameter, FieldValue Value)> Kinds = new()
    {
        [MaskKind.Redact] = (0, FieldValue.Text("路灯不亮，请尽快修理 (lamp 12)")),
        [MaskKind.ShowFirstN] = (1, FieldValue.Text("王小明")),
        [MaskKind.ShowLastN] = (4, FieldValue.Text("13800001234")),
        [MaskKind.HashKeyed] = (0, FieldValue.Text("13800001234")),
        [MaskKind.GeneralizeRegion] = (2, FieldValue.Text("North/Old Town/17 High Street")),
        [MaskKind.YearOnly] = (0, FieldValue.Date(20_500)),
        [MaskKind.BucketNumber] = (500, FieldValue.Integer(12_345)),
        [MaskKind.TruncateGeo] = (500, FieldValue.Point(30.25, 120.17)),
    };

    private MaskDelegate mask = null!;
    private FieldValue value;

    /// <summary>The kind.</summary>
    [ParamsSource(nameof(AllKinds))]
    public MaskKind Kind { get; set; }

    /// <summary>Every kind that changes a value.</summary>
    public static IEnumerable<MaskKind> AllKinds => Kinds.Keys;

    /// <summary>Makes the mask.</summary>
    [GlobalSetup]
    public void Setup()
    {
        (var parameter, value) = Kinds[Kind];
        mask = MaskRules.Compile(new Mask(Kind, parameter), value.Type, new byte[32]);
    }

    /// <summary>One value.</summary>
    [Benchmark]
    public FieldValue Show() => mask(value);
}
