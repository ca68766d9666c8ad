using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;
using Exchange.Testing.Access;

namespace Exchange.Catalog.Tests.Access.Plans;

public sealed class PlanEvaluatorTests
{
    private static readonly byte[] Key = new byte[32];

    [Fact]
    public void Deciding_a_row_allocates_nothing()
    {
        var city = new RandomCity(3);
        var row = new StructRow(city.Definition, [.. city.Definition.Fields.Select(_ => default(FieldValue))], FieldValue.Text("dep-b"));
        var plan = AccessPlanCompiler.Compile(
            city.State, new Caller(RandomCity.Departments[2], new ClientId("c"), Role.DepartmentSystem), RandomCity.Resource, PlanAction.Pull, Purpose.GovService, 1, RandomCity.Now).Value;
        var evaluator = new PlanEvaluator(plan);
        var masks = new PlanMasks(plan, Key);
        Span<short> rules = stackalloc short[plan.Fields.Length];
        var seen = Decide(evaluator, masks, row, rules);
        Assert.NotEmpty(plan.ConditionNumbers);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 10_000; round++)
        {
            seen += Decide(evaluator, masks, row, rules);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(seen >= 0);
    }

    [Fact]
    public void A_value_is_shown_through_the_mask_of_the_rule_that_allows_it()
    {
        var state = City.State.Apply(
            new GovernanceEvent.GrantIssued(new Grant
            {
                Id = new GrantId("g1"),
                Owner = City.Hotline,
                Reader = City.Roads,
                Resource = City.Complaint,
                Fields = ["appellant_phone"],
                Purposes = [Purpose.GovService],
                ExpireTime = City.Noon.AddDays(1),
            }),
            City.State.Position + 1);
        var plan = AccessPlanCompiler.Compile(
            state, new Caller(City.Roads, new ClientId("c"), Role.DepartmentSystem), City.Complaint, PlanAction.Get, Purpose.GovService, 1, City.Noon).Value;
        var index = plan.Resource.IndexOf("appellant_phone");
        var masks = new PlanMasks(plan, Key);

        Assert.Equal("＊1234", Show("hotline-12345").AsText);
        Assert.Equal("13800001234", Show("road-office").AsText);
        Assert.True(Show("petition-forum").IsMissing);
        Assert.Equal([new Mask(MaskKind.ShowLastN, 4)], plan.Fields[index].Masks);

        FieldValue Show(string opener)
        {
            var values = new FieldValue[plan.Fields.Length];
            values[index] = FieldValue.Text("13800001234");
            Span<short> rules = stackalloc short[plan.Fields.Length];
            Assert.True(new PlanEvaluator(plan).Evaluate(new StructRow(plan.Resource, values, FieldValue.Text(opener)), rules));
            Assert.Equal(opener is "hotline-12345", masks.IsMasked(index, rules[index]));
            return masks.Show(index, rules[index], values[index]);
        }
    }

    [Fact]
    public void Too_little_room_for_the_answer_is_an_error()
    {
        var city = new RandomCity(1);
        var plan = AccessPlanCompiler.Compile(
            city.State, new Caller(RandomCity.Departments[0], new ClientId("c"), Role.DepartmentSystem), RandomCity.Resource, PlanAction.Pull, Purpose.GovService, 1, RandomCity.Now).Value;

        Assert.Throws<ArgumentOutOfRangeException>(() => new PlanEvaluator(plan).Evaluate(city.Row(), new short[plan.Fields.Length - 1]));
    }

    private static int Decide(PlanEvaluator evaluator, PlanMasks masks, in StructRow row, Span<short> rules)
    {
        var shown = evaluator.Evaluate(row, rules) ? 1 : 0;
        for (var index = 0; index < rules.Length; index++)
        {
            shown += masks.IsMasked(index, rules[index]) ? 0 : masks.Show(index, rules[index], default).IsMissing ? 0 : 1;
        }

        return shown;
    }

    private readonly struct StructRow(ResourceDefinition definition, FieldValue[] values, FieldValue opener) : IRow
    {
        public FieldValue Get(int number) => number < 0 ? opener : values[definition.IndexOf(number)];
    }
}
