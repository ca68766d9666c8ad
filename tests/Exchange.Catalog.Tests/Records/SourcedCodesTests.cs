using Exchange.Catalog.Governance;
using Exchange.Catalog.Records;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;

namespace Exchange.Catalog.Tests.Records;

public class SourcedCodesTests
{
    // The road crew owns the status of what it is responsible for; two cities number it differently.
    private static readonly GovernanceState Mapped = Push.Governance.Apply(
        new GovernanceEvent.CodeListPublished(new CodeList(
            new("status"), 2, Push.Governance.CodeLists["status"].Codes, [new("open", "city-a", "1"), new("closed", "city-a", "2"), new("closed", "city-b", "1"), new("lost", "city-a", "3")])),
        Push.Governance.Position + 1);

    [Fact]
    public void A_source_s_code_alone_is_mapped_and_kept_beside_the_code()
    {
        var decision = By(Stored(default), Sourced("", "city-b", "1"));

        Assert.Equal(RecordOutcome.Accepted, decision.Outcome);
        Assert.Equal(FieldValue.Code(new SourcedCode("closed", "city-b", "1")), decision.NewState!.Value("status"));
        Assert.Equal("closed", decision.NewState!.Value("status").AsText);
    }

    [Fact]
    public void Both_are_taken_where_the_list_maps_the_one_to_the_other() =>
        Assert.Equal(FieldValue.Code(new SourcedCode("open", "city-a", "1")), By(Stored(default), Sourced("open", "city-a", "1")).NewState!.Value("status"));

    [Theory]
    [InlineData("", "city-a", "9", "UNKNOWN_SOURCE_CODE")]
    [InlineData("open", "city-a", "9", "UNKNOWN_SOURCE_CODE")]
    [InlineData("", "city-c", "1", "UNKNOWN_CODE_SYSTEM")]
    [InlineData("closed", "city-a", "1", "SOURCE_CODE_MISMATCH")]
    [InlineData("odd", "city-a", "1", "SOURCE_CODE_MISMATCH")]
    [InlineData("", "city-a", "3", "UNKNOWN_CODE")]
    public void What_the_list_does_not_map_so_is_refused_without_the_value(string code, string system, string sourceCode, string reason)
    {
        var error = Assert.Single(By(Stored(default), Sourced(code, system, sourceCode)).Errors);

        Assert.Equal(("status", reason), (error.Field, error.Reason));
        Assert.DoesNotContain("9", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("odd", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("city-c", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_maps_nothing_takes_no_source_s_code() =>
        Assert.Equal(["status UNKNOWN_CODE_SYSTEM"], Push.By(Push.Roads, Stored(default), [("status", Sourced("", "city-a", "1"))]).Reasons());

    [Fact]
    public void A_source_s_code_is_for_a_code_only() =>
        Assert.Equal(["title WRONG_TYPE"], Push.By(Push.Hotline, Stored(default), [("title", Sourced("", "city-a", "1"))]).Reasons());

    [Theory]
    [InlineData("open", "city-a", "1", RecordOutcome.Unchanged)]
    [InlineData("", "city-a", "1", RecordOutcome.Unchanged)]
    [InlineData("open", "", "", RecordOutcome.Accepted)]
    [InlineData("", "city-b", "1", RecordOutcome.Accepted)]
    public void What_stands_beside_the_code_is_part_of_the_value(string code, string system, string sourceCode, RecordOutcome outcome)
    {
        var pushed = system.Length is 0 ? PushedValue.Of(FieldValue.Code(code)) : Sourced(code, system, sourceCode);

        Assert.Equal(outcome, By(Stored(FieldValue.Code(new SourcedCode("open", "city-a", "1"))), pushed).Outcome);
    }

    [Fact]
    public void A_mapping_that_is_gone_takes_nothing_from_what_it_made()
    {
        var state = Stored(FieldValue.Code(new SourcedCode("open", "old-city", "7")));

        Assert.Equal(RecordOutcome.Unchanged, By(state, Sourced("", "old-city", "7")).Outcome);
        Assert.Equal(RecordOutcome.Unchanged, By(state, Sourced("open", "old-city", "7")).Outcome);
        Assert.Equal(["status UNKNOWN_CODE_SYSTEM"], By(state, Sourced("", "old-city", "8")).Reasons());
    }

    [Fact]
    public void A_proposal_is_mapped_too()
    {
        var decision = By(Stored(default), Sourced("", "city-a", "2"), Push.Hotline, UnownedFields.Propose);

        Assert.Equal(FieldValue.Code(new SourcedCode("closed", "city-a", "2")), decision.Proposals.Single().Value);
    }

    [Fact]
    public void Conditions_see_the_code_alone()
    {
        var status = new AttributeRef("status", 1, FieldType.Code);
        var row = new OneValue(FieldValue.Code(new SourcedCode("open", "city-a", "1")));

        Assert.True(ConditionEvaluator.Holds(new Condition.Compare(status, CompareOp.Equal, FieldValue.Code("open")), row));
        Assert.False(ConditionEvaluator.Holds(new Condition.Compare(status, CompareOp.Equal, FieldValue.Code("1")), row));
    }

    [Theory]
    [InlineData(MaskKind.ShowFirstN, 2)]
    [InlineData(MaskKind.ShowLastN, 100)]
    [InlineData(MaskKind.GeneralizeRegion, 10)]
    [InlineData(MaskKind.HashKeyed, 0)]
    [InlineData(MaskKind.Null, 0)]
    public void No_mask_lets_the_source_s_code_through(MaskKind kind, int parameter)
    {
        var value = FieldValue.Code(new SourcedCode("open", "city-a", "1"));

        Assert.Null(MaskRules.Compile(new Mask(kind, parameter), FieldType.Code, new byte[16])(value).Sourced);
        Assert.NotNull(MaskRules.Compile(Mask.None, FieldType.Code)(value).Sourced);
    }

    private static RecordDecision By(RecordState state, PushedValue value, Caller? caller = null, UnownedFields unowned = UnownedFields.Reject) =>
        RecordRules.Decide(Push.Columns(Mapped, caller ?? Push.Roads, ["status"], unowned), state, null, 0, [value]);

    private static PushedValue Sourced(string code, string system, string sourceCode) => PushedValue.Of(FieldValue.Code(new SourcedCode(code, system, sourceCode)));

    private static RecordState Stored(FieldValue status)
    {
        var values = new FieldValue[City.Resource.Fields.Length];
        values[City.Resource.IndexOf("title")] = FieldValue.Text("Leak");
        values[City.Resource.IndexOf("responsible_department")] = FieldValue.Text("road-crew");
        values[City.Resource.IndexOf("status")] = status;
        return new RecordState(3, City.Hotline, "hotline", "T1", values, []);
    }

    private readonly struct OneValue(FieldValue value) : IRow
    {
        public FieldValue Get(int number) => value;
    }
}
