using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Policy.Masks;

namespace Exchange.Catalog.Tests.Catalog;

public class SharingSheetTests
{
    private static readonly string[] Short = ["resource", "field", "level", "sharing_class", "open_class"];

    private static Result<ImmutableArray<SheetRow>> Read(string[] headings, params string[][] rows) =>
        SharingSheet.Read(City.State, City.Forum, headings, rows.Select((cells, index) => (index + 2, (IReadOnlyList<string>)cells)));

    private static Result<GovernanceDecision<ImmutableArray<SharingDifference>>> Decide(GovernanceState state, Result<ImmutableArray<SheetRow>> rows, string etag = "") =>
        SharingListImport.Decide(state, City.Forum, rows.Value, etag);

    private static string[] Told(Result<GovernanceDecision<ImmutableArray<SharingDifference>>> decision) =>
        [.. decision.Value.Value.Select(difference => $"{difference.Field} {difference.Part}: {difference.Before} > {difference.After}")];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_written_is_read_back_and_changes_nothing(bool isChinese)
    {
        var list = SharingListRules.Update(City.State, City.Forum, City.Complaint,
        [
            ("content", new() { FieldNumber = 0, Level = Level.Internal, SharingClass = SharingClass.Conditional, OpenClass = OpenClass.Conditional, Mask = new(MaskKind.ShowFirstN, 3), UpdateCycle = UpdateCycle.TenDays, SharingMode = SharingMode.Media, Terms = City.Based with { Condition = "only, \"for\" handling", OpenCondition = "去标识化" } }),
        ],
        "");
        var state = City.State.After(list);
        var rows = SharingSheet.Rows(state, City.Forum, null, isChinese).ToList();

        var read = SharingSheet.Read(state, City.Forum, SharingSheet.Headings(isChinese), rows.Select((cells, index) => (index + 2, cells)));

        Assert.Equal(state.Resources.Values.Sum(resource => resource.Fields.Count(field => !field.Retired && field.Owner is not OwnerRule.Department)), rows.Count);
        Assert.Contains(rows, row => row.Contains(isChinese ? "有条件共享" : "CONDITIONAL") && row.Contains("SHOW_FIRST_N 3") && row.Contains(isChinese ? "每旬" : "TEN_DAYS"));
        Assert.Empty(SharingListImport.Decide(state, City.Forum, read.Value, "").Value.Events);
    }

    [Fact]
    public void Columns_come_in_any_order_and_language_and_one_that_is_left_out_leaves_what_holds()
    {
        var rows = Read(["开放类型", "sharing_class", "信息项标识", "Level", "共享条件", "resource"], ["不予开放", "有条件共享", "title", "2", "for handling", "complaint"], ["NOT-OPEN", "conditional", "appellant_phone", "4", "", "complaint"]);

        var decision = Decide(City.State, rows);

        Assert.Equal(["title level: 1 > 2", "title sharing_class: UNCONDITIONAL > CONDITIONAL", "title condition:  > for handling"], Told(decision));
        var entry = City.State.After(decision).SharingOf(City.Forum, City.Complaint, City.Resource.Fields[0]);
        Assert.Equal((SharingClass.Conditional, City.Based.OpenBasis), (entry.SharingClass, entry.Terms.OpenBasis));
    }

    [Fact]
    public void Fields_without_a_row_stay_as_they_are()
    {
        var first = City.State.After(Decide(City.State, Read(Short, ["complaint", "title", "2", "CONDITIONAL", "NOT_OPEN"])));
        var second = first.After(Decide(first, Read(Short, ["complaint", "district", "2", "CONDITIONAL", "NOT_OPEN"])));

        Assert.Equal([1, 6], second.SharingListOf(City.Forum, City.Complaint).Entries.Select(entry => entry.FieldNumber));
    }

    [Fact]
    public void Every_bad_cell_is_told_with_its_line()
    {
        string[] headings = [.. Short, "mask", "update_cycle"];

        Assert.Equal(
            [
                "line 2: resource RESOURCE_NOT_FOUND", "line 3: field UNKNOWN_FIELD", "line 4: field NOT_OWNER", "line 5: level REQUIRED", "line 5: mask UNKNOWN_VALUE",
                "line 5: sharing_class UNKNOWN_VALUE", "line 5: update_cycle UNKNOWN_VALUE", "line 7: field DUPLICATE",
            ],
            Read(
                headings,
                ["nothing", "title", "1", "UNCONDITIONAL", "NOT_OPEN", "", ""],
                ["complaint", "nothing", "1", "UNCONDITIONAL", "NOT_OPEN", "", ""],
                ["complaint", "visits", "1", "UNCONDITIONAL", "NOT_OPEN", "", ""],
                ["complaint", "title", "5", "1", "NOT_OPEN", "SHOW 4", "often"],
                ["complaint", "district", "1", "UNCONDITIONAL", "NOT_OPEN", "", ""],
                ["complaint", "district", "1", "UNCONDITIONAL", "NOT_OPEN", "", ""]).Violations().Order(StringComparer.Ordinal));
        Assert.Equal(
            ["line 1 DUPLICATE", "line 1 REQUIRED", "line 1 REQUIRED", "line 1 UNKNOWN_COLUMN"],
            Read(["resource", "field", "信息项标识", "colour", "level"]).Violations().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_rules_refuse_is_told_with_its_line_and_nothing_of_the_sheet_is_done()
    {
        var rows = Read([.. Short, "共享依据"], ["complaint", "district", "2", "CONDITIONAL", "NOT_OPEN", "Act 1"], ["complaint", "title", "1", "NOT_SHARED", "NOT_OPEN", ""], ["complaint", "confidential", "3", "UNCONDITIONAL", "NOT_OPEN", "Act 1"]);

        var refused = Decide(City.State, rows);

        Assert.Equal(["line 3: basis.text INVALID_TEXT", "line 4: level STEERS_ACCESS"], refused.Violations());
    }

    [Fact]
    public void A_mask_that_is_the_resource_s_stays_the_resource_s()
    {
        string[] headings = [.. Short, "mask"];
        var tighter = City.State.After(Decide(City.State, Read(headings, ["complaint", "appellant_phone", "3", "CONDITIONAL", "NOT_OPEN", "SHOW_LAST_N 4"])));
        var emptied = Decide(City.State, Read(headings, ["complaint", "appellant_phone", "4", "CONDITIONAL", "NOT_OPEN", ""]));
        var own = City.State.After(Decide(City.State, Read(headings, ["complaint", "appellant_phone", "4", "CONDITIONAL", "NOT_OPEN", "SHOW_LAST_N 2"])));

        Assert.True(tighter.SharingListOf(City.Forum, City.Complaint).Entries[0].Mask.IsUnspecified);
        Assert.Empty(emptied.Value.Value);
        Assert.Empty(emptied.Value.Events);
        Assert.Equal(new Mask(MaskKind.ShowLastN, 2), own.SharingListOf(City.Forum, City.Complaint).Entries[0].Mask);
    }

    [Fact]
    public void A_row_with_other_cells_than_the_heading_or_with_two_resources_is_refused()
    {
        var rows = Read(
            [.. Short, "condition", ""],
            ["complaint", "title", "1", "UNCONDITIONAL", "NOT_OPEN", "for handling", " only"],
            ["complaint", "title", "1", "UNCONDITIONAL", "NOT_OPEN"],
            ["complaint", "title", "1", "UNCONDITIONAL", "NOT_OPEN", "", ""]);
        var mismatch = Read([.. Short, "resource_code"], ["complaint", "title", "1", "UNCONDITIONAL", "NOT_OPEN", "301001/7"]);

        Assert.Equal(["line 2 CELL_COUNT", "line 3 CELL_COUNT"], rows.Violations());
        Assert.Equal(["line 2: resource_code CODE_MISMATCH"], mismatch.Violations());
    }

    [Fact]
    public void A_sheet_whose_difference_was_looked_at_before_something_changed_is_refused()
    {
        var rows = Read(Short, ["complaint", "title", "2", "CONDITIONAL", "NOT_OPEN"]);
        var etag = SharingListImport.EtagOf(City.State, City.Forum, rows.Value);
        var changed = City.State.After(Decide(City.State, Read(Short, ["complaint", "district", "2", "CONDITIONAL", "NOT_OPEN"])));

        Assert.False(Decide(City.State, rows, etag).IsRefused);
        Assert.Equal(RefusalReason.StaleEtag, Decide(changed, rows, etag).Refusal?.Reason);
    }
}
