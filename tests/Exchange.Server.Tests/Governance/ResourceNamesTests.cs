using Exchange.Server.Governance;

namespace Exchange.Server.Tests.Governance;

public class ResourceNamesTests
{
    [Theory]
    [InlineData("departments/tax", "tax")]
    [InlineData("tax", "/tax")]
    [InlineData("departments/", "")]
    [InlineData("offices/tax", "/offices/tax")]
    [InlineData("departments/a/b", "a/b")]
    [InlineData("", "")]
    public void An_id_in_a_malformed_name_is_never_a_valid_id(string name, string id) =>
        Assert.Equal(id, ResourceNames.IdIn("departments", name));

    [Theory]
    [InlineData("departments/tax/grants/g1", false)]
    [InlineData("departments/tax/grants/", true)]
    [InlineData("departments//grants/g1", true)]
    [InlineData("departments/tax/grants/g1/x", true)]
    [InlineData("departments/tax/clients/g1", true)]
    public void A_name_that_says_what_a_request_is_about_is_well_formed(string name, bool refused) =>
        Assert.Equal(refused, ResourceNames.Grant("name", name).IsRefused);
}
