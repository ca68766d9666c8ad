using Exchange.Catalog.Governance;

namespace Exchange.Catalog.Tests.Identity;

public class UserRulesTests
{
    private static readonly User Keeper = new() { Id = new("wang-li"), Department = City.Hotline, DisplayName = "Catalog desk", Role = Role.Steward, EnrolmentCodeHash = "first" };

    private static readonly GovernanceState Created = City.State.After(UserRules.Create(City.State, Keeper, City.Noon));

    [Fact]
    public void A_user_is_created_once_in_the_hub_with_a_code_that_is_good_for_a_day()
    {
        var user = Created.Users["wang-li"];

        Assert.Equal((City.Noon, City.Noon.AddHours(24), 1), (user.CreateTime, user.EnrolmentExpireTime, user.Enrolment));
        Assert.False(user.MaySignIn);
        Assert.True(UserRules.MayEnrol(user, "first", City.Noon.AddHours(24).AddTicks(-1)));
        Assert.False(UserRules.MayEnrol(user, "first", City.Noon.AddHours(24)));
        Assert.False(UserRules.MayEnrol(user, "other", City.Noon));
        Assert.Equal(RefusalReason.UserExists, UserRules.Create(Created, Keeper with { Department = City.Forum, Role = Role.Auditor }, City.Noon).Refusal?.Reason);
        Assert.Equal(RefusalReason.DepartmentNotFound, UserRules.Create(Created, Keeper with { Department = new("nobody") }, City.Noon).Refusal?.Reason);
    }

    [Theory]
    [InlineData(Role.Unspecified)]
    [InlineData(Role.DepartmentSystem)]
    [InlineData((Role)9)]
    public void A_user_has_one_role_of_those_that_people_have(Role role)
    {
        var refused = UserRules.Create(City.State, Keeper with { Id = new("X"), DisplayName = "a\nb", Role = role }, City.Noon).Refusal!;

        Assert.Equal(["user_id", "user.display_name", "user.role"], refused.Violations.Select(violation => violation.Field));
        Assert.Contains("STEWARD, AUDITOR or OPERATOR", refused.Violations[2].Message);
    }

    [Fact]
    public void What_a_creation_brings_beside_id_name_role_and_code_is_not_taken()
    {
        var created = UserRules.Create(City.State, Keeper with { PasswordHash = "x", SealedTotpSecret = "x", EnrolTime = City.Noon, DisableTime = City.Noon, Enrolment = 9 }, City.Noon);

        Assert.Equal(Created.Users["wang-li"], created.Value.Value);
    }

    [Fact]
    public void A_user_enrols_once_with_its_code()
    {
        var enrolled = Created.After(UserRules.Enrol(Created, Keeper.Id, "first", "hash", "secret", City.Noon.AddHours(1)));
        var user = enrolled.Users["wang-li"];

        Assert.Equal(("hash", "secret", "", City.Noon.AddHours(1), true), (user.PasswordHash, user.SealedTotpSecret, user.EnrolmentCodeHash, user.EnrolTime, user.MaySignIn));
        Assert.Equal(RefusalReason.EnrolmentRefused, UserRules.Enrol(enrolled, Keeper.Id, "first", "hash", "secret", City.Noon.AddHours(1)).Refusal?.Reason);
        Assert.Equal(RefusalReason.EnrolmentRefused, UserRules.Enrol(Created, Keeper.Id, "other", "hash", "secret", City.Noon).Refusal?.Reason);
        Assert.Equal(RefusalReason.EnrolmentRefused, UserRules.Enrol(Created, Keeper.Id, "first", "hash", "secret", City.Noon.AddDays(1)).Refusal?.Reason);
        Assert.Equal(RefusalReason.EnrolmentRefused, UserRules.Enrol(Created, new("nobody"), "first", "hash", "secret", City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void A_new_code_throws_away_the_old_one_the_password_and_the_second_factor()
    {
        var enrolled = Created.After(UserRules.Enrol(Created, Keeper.Id, "first", "hash", "secret", City.Noon));

        var reset = enrolled.After(UserRules.ResetEnrolment(enrolled, City.Hotline, Keeper.Id, "second", City.Noon.AddDays(3)));

        var user = reset.Users["wang-li"];
        Assert.Equal(("", "", "second", City.Noon.AddDays(4), 2), (user.PasswordHash, user.SealedTotpSecret, user.EnrolmentCodeHash, user.EnrolmentExpireTime, user.Enrolment));
        Assert.False(user.MaySignIn);
        Assert.False(UserRules.MayEnrol(user, "first", City.Noon.AddDays(3)));
        Assert.True(UserRules.MayEnrol(user, "second", City.Noon.AddDays(3)));
        Assert.Equal(RefusalReason.UserNotFound, UserRules.ResetEnrolment(enrolled, City.Forum, Keeper.Id, "second", City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void A_disabled_user_stays_so_and_neither_enrols_nor_gets_a_code()
    {
        var disabled = Created.After(UserRules.Disable(Created, City.Hotline, Keeper.Id, City.Noon));

        Assert.True(disabled.Users["wang-li"].IsDisabled);
        Assert.Null(UserRules.Disable(disabled, City.Hotline, Keeper.Id, City.Noon.AddDays(1)).Value.Event);
        Assert.Equal(RefusalReason.UserDisabled, UserRules.ResetEnrolment(disabled, City.Hotline, Keeper.Id, "second", City.Noon).Refusal?.Reason);
        Assert.Equal(RefusalReason.EnrolmentRefused, UserRules.Enrol(disabled, Keeper.Id, "first", "hash", "secret", City.Noon).Refusal?.Reason);
        Assert.Equal(RefusalReason.UserExists, UserRules.Create(disabled, Keeper, City.Noon).Refusal?.Reason);
        Assert.Equal(RefusalReason.UserNotFound, UserRules.Disable(Created, City.Forum, Keeper.Id, City.Noon).Refusal?.Reason);
    }

    [Fact]
    public void The_first_user_gets_a_code_until_an_operator_is_enrolled()
    {
        var first = Keeper with { Id = new("operator"), Role = Role.Operator };

        var made = City.State.After(UserRules.CreateFirst(City.State, first, City.Noon));
        var again = made.After(UserRules.CreateFirst(made, first with { EnrolmentCodeHash = "second" }, City.Noon.AddDays(2)));
        var enrolled = again.After(UserRules.Enrol(again, first.Id, "second", "hash", "secret", City.Noon.AddDays(2)));
        var other = enrolled.After(UserRules.Disable(enrolled, City.Hotline, first.Id, City.Noon.AddDays(3)));

        Assert.True(UserRules.MayEnrol(again.Users["operator"], "second", City.Noon.AddDays(2)));
        Assert.False(UserRules.MayEnrol(again.Users["operator"], "first", City.Noon.AddDays(2)));
        Assert.Null(UserRules.CreateFirst(enrolled, first with { EnrolmentCodeHash = "third" }, City.Noon.AddDays(2)).Value.Event);
        Assert.Null(UserRules.CreateFirst(other, first with { EnrolmentCodeHash = "third" }, City.Noon.AddDays(3)).Value.Event);
    }

    [Fact]
    public void A_name_that_somebody_else_has_is_not_taken_for_the_first_user()
    {
        var state = City.State.After(UserRules.Create(City.State, Keeper with { Id = new("operator") }, City.Noon));

        Assert.Null(UserRules.CreateFirst(state, Keeper with { Id = new("operator"), Role = Role.Operator, EnrolmentCodeHash = "second" }, City.Noon).Value.Event);
    }

    [Fact]
    public void A_user_never_is_a_client_and_a_client_never_a_user()
    {
        Assert.Equal("users/wang-li", Keeper.Caller.Client.Value);
        Assert.False(ClientId.IsValid(Keeper.Id.Client.Value));
        Assert.Equal(Keeper.Id, UserId.Of(Keeper.Id.Client));
        Assert.Null(UserId.Of(new ClientId("wang-li")));
        Assert.Null(UserId.Of(new ClientId("users/Wang")));
    }

    [Theory]
    [InlineData("correct horse", null)]
    [InlineData("密码要长一点才好记得住呀", null)]
    [InlineData("elevenchars", "must have 12 to 256 characters")]
    [InlineData("abcabcabcabc", "must have 5 different characters at least")]
    [InlineData("LONG-User-Name", "must not be the user's id")]
    public void A_password_is_long_and_not_what_is_tried_first(string password, string? complaint) =>
        Assert.Equal(complaint, PasswordRules.Complain("long-user-name", password));

    [Fact]
    public void A_password_has_256_characters_at_most()
    {
        var longest = string.Concat(Enumerable.Range(0, 256).Select(i => (char)('a' + (i % 26))));

        Assert.Null(PasswordRules.Complain("wang-li", longest));
        Assert.NotNull(PasswordRules.Complain("wang-li", longest + "a"));
    }
}
