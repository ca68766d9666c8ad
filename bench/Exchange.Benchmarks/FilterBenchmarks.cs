using BenchmarkDotNet.Attributes;
using Exchange.Bench.Hubs;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;

namespace Exchange.Benchmarks;

/// <summary>Row conditions: read from their text, and decided on a record of the bench.</summary>
[MemoryDiagnoser]
public class FilterBenchmarks
{
    private readonly IConditionSchema schema = new RowFilterSchema(new ResourceDefinition(
        new ResourceId("case"),
        1,
        [Field("district", 1, FieldType.Text), Field("status", 2, FieldType.Text), Field("urgency", 3, FieldType.Integer), Field("tags", 4, FieldType.TextList)])
    {
        Department = new DepartmentId("centre"), PublishTime = DateTimeOffset.UnixEpoch,
    });

    private readonly Row row = new(
    [
        FieldValue.Text(MadeRecords.Districts[3]), FieldValue.Text("closed"), FieldValue.Integer(4), FieldValue.TextList(["noise", "night", "street"]),
    ]);

    private Condition condition = null!;

    /// <summary>The filter.</summary>
    [Params("district = \"district 3\"", "district = \"district 3\" AND NOT status = \"open\" AND (urgency >= 3 OR tags:\"flood\")")]
    public string Filter { get; set; } = "";

    /// <summary>Reads the filter.</summary>
    [GlobalSetup]
    public void Setup() => condition = Parse();

    /// <summary>Reads the filter.</summary>
    [Benchmark]
    public Condition Parse() => ConditionParser.Parse(Filter, schema).Condition ?? throw new InvalidOperationException("the filter is wrong");

    /// <summary>Decides it on one record.</summary>
    [Benchmark]
    public bool Holds() => ConditionEvaluator.Holds(condition, row);

    private static FieldDefinition Field(string name, int number, FieldType type) => new()
    {
        Name = name,
        Number = number,
        Type = type,
        Owner = new OwnerRule.Opener(),
        Level = Level.Internal,
        SharingClass = SharingClass.Conditional,
        OpenClass = OpenClass.NotOpen,
    };

    private readonly struct Row(FieldValue[] values) : IRow
    {
        public FieldValue Get(int number) => values[number - 1];
    }
}
