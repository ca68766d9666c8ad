using Exchange.Cli.Departments;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;

namespace Exchange.Clients.Tests.Departments;

public sealed class DepartmentsCommandTests
{
    [Fact]
    public void Attributes_are_set_replaced_and_taken_away_and_others_stay()
    {
        var department = new Department { Attributes = { ["district"] = "west", ["zone"] = "2", ["kept"] = "x" } };

        DepartmentsCommand.Change(department, ["district=东湖区", "zone=", "formula=a=b"]);

        Assert.Equal(
            [("district", "东湖区"), ("formula", "a=b"), ("kept", "x")],
            department.Attributes.Select(attribute => (attribute.Key, attribute.Value)).Order());
    }

    [Theory]
    [InlineData("district")]
    [InlineData("=east")]
    [InlineData("")]
    public void What_is_no_attribute_is_refused(string text) =>
        Assert.Throws<UsageException>(() => DepartmentsCommand.Change(new Department(), [text]));
}
