namespace Exchange.Catalog.Tests.Settings;

public class HubSettingsRulesTests
{
    [Fact]
    public void Every_bad_part_is_told_at_once()
    {
        var settings = new HubSettings
        {
            SharingAuthority = new("nobody"),
            SupervisionOffice = City.Hotline,
            Calendar = new() { TimeZone = "Mars/Olympus", Holidays = [default], WorkingWeekendDays = [new(2026, 3, 2)] },
            Limits = WorkingDayLimits.Default with { OwnerReview = 251, NearDue = -1 },
        };

        Assert.Equal(
            [
                "settings.sharing_authority DEPARTMENT_NOT_FOUND", "settings.time_zone UNKNOWN_VALUE", "settings.holidays[0] INVALID_DATE",
                "settings.working_weekend_days[0] NOT_A_WEEKEND_DAY", "settings.limits.owner_review OUT_OF_RANGE", "settings.limits.near_due OUT_OF_RANGE",
            ],
            HubSettingsRules.Update(City.State, settings, "").Violations());
    }

    [Fact]
    public void The_same_again_changes_nothing_and_a_stale_etag_is_refused()
    {
        var settings = new HubSettings { SharingAuthority = City.Forum };
        var state = City.State.After(HubSettingsRules.Update(City.State, settings, "s0"));

        Assert.Equal(("s1", City.Forum), (state.Settings.Etag, state.Settings.SharingAuthority));
        Assert.Null(HubSettingsRules.Update(state, settings, "s0").Value.Event);
        Assert.Equal(RefusalReason.StaleEtag, HubSettingsRules.Update(state, HubSettings.Default, "s0").Refusal?.Reason);
    }
}
