namespace Exchange.Catalog.Tests.Catalog;

public class CategoryRulesTests
{
    private static Category Category(string code, string? parent = null, string name = "Name") => new()
    {
        Code = new CategoryCode(code), DisplayName = name, Parent = parent is null ? null : new CategoryCode(parent),
    };

    [Fact]
    public void Parents_stand_before_their_children_in_the_same_request()
    {
        var result = CategoryRules.Define(City.State, [Category("3"), Category("3.01", "3")]);

        Assert.Equal(2, result.Value.Value.Length);
        Assert.Equal(["3", "3.01"], City.State.After(result).Categories.Keys);
    }

    [Fact]
    public void Every_bad_category_is_told_and_none_is_stored()
    {
        var result = CategoryRules.Define(City.State, [Category("3.01", "3"), Category("3"), Category("3"), Category("a b"), Category("2", name: "")]);

        Assert.Equal(
            [
                "categories[0].parent CATEGORY_NOT_FOUND", "categories[2].name DUPLICATE", "categories[3].name INVALID_ID",
                "categories[4].display_name INVALID_TEXT",
            ],
            result.Violations());
    }

    [Fact]
    public void Defining_again_stores_only_what_differs()
    {
        var state = City.State.After(CategoryRules.Define(City.State, [Category("3"), Category("2")]));

        var renamed = CategoryRules.Define(state, [Category("3", name: "Roads"), Category("2")]);
        var same = CategoryRules.Define(state, [Category("3"), Category("2")]);

        Assert.Equal("3", Assert.Single(renamed.Value.Value).Code.Value);
        Assert.Null(same.Value.Event);
    }

    [Fact]
    public void A_category_cannot_move_in_the_tree()
    {
        var state = City.State.After(CategoryRules.Define(City.State, [Category("3"), Category("2"), Category("2.1", "2")]));

        Assert.Equal(["categories[0].parent PARENT_CHANGED"], CategoryRules.Define(state, [Category("2.1", "3")]).Violations());
    }

    [Fact]
    public void A_request_holds_one_to_two_thousand_categories() =>
        Assert.Equal(["categories COUNT"], CategoryRules.Define(City.State, []).Violations());
}
