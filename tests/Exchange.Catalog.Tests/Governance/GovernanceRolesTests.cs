using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Tests.Governance;

public class GovernanceRolesTests
{
    private static Caller Caller(Role role) => new(City.Hotline, new("client"), role);

    [Theory]
    [InlineData(Role.Operator, true)]
    [InlineData(Role.Steward, false)]
    [InlineData(Role.DepartmentSystem, false)]
    [InlineData(Role.Auditor, false)]
    [InlineData(Role.Unspecified, false)]
    public void Only_the_operator_runs_the_hub(Role role, bool may) =>
        Assert.Equal(may, GovernanceRoles.RequireOperator(Caller(role)) is null);

    [Fact]
    public void A_steward_keeps_its_own_department_and_the_operator_any()
    {
        Assert.Null(GovernanceRoles.RequireKeeper(Caller(Role.Steward), City.Hotline));
        Assert.Null(GovernanceRoles.RequireKeeper(Caller(Role.Operator), City.Forum));
        Assert.Equal(RefusalReason.NotOwnDepartment, GovernanceRoles.RequireKeeper(Caller(Role.Steward), City.Forum)?.Reason);
        Assert.Equal(RefusalReason.RoleRequired, GovernanceRoles.RequireKeeper(Caller(Role.DepartmentSystem), City.Hotline)?.Reason);
    }

    [Fact]
    public void A_sharing_list_is_its_own_department_s_even_against_the_operator()
    {
        Assert.Null(GovernanceRoles.RequireSteward(Caller(Role.Steward), City.Hotline));
        Assert.Equal(RefusalReason.RoleRequired, GovernanceRoles.RequireSteward(Caller(Role.Operator), City.Hotline)?.Reason);
    }
}
