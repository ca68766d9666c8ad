using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides how a hub's settings change. Who may is asked before.</summary>
public static class HubSettingsRules
{
    /// <summary>Most days off, and most weekend days that are worked.</summary>
    public const int MostDays = 2_000;

    /// <summary>Replaces the settings; the same again changes nothing.</summary>
    public static Result<GovernanceDecision<HubSettings>> Update(GovernanceState state, HubSettings settings, string etag)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(etag);
        var violations = Check(state, settings);
        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        var next = settings with { Revision = state.Settings.Revision };
        if (next == state.Settings)
        {
            return new GovernanceDecision<HubSettings>(state.Settings, null);
        }

        if (etag.Length > 0 && etag != state.Settings.Etag)
        {
            return new Refusal(RefusalReason.StaleEtag, "the hub's settings have changed: read them again and retry");
        }

        next = next with { Revision = next.Revision + 1 };
        return new GovernanceDecision<HubSettings>(next, new GovernanceEvent.HubSettingsChanged(next));
    }

    private static List<FieldViolation> Check(GovernanceState state, HubSettings settings)
    {
        List<FieldViolation> violations = [];
        CheckDepartment("sharing_authority", settings.SharingAuthority);
        CheckDepartment("supervision_office", settings.SupervisionOffice);
        if (!WorkCalendar.IsTimeZone(settings.Calendar.TimeZone))
        {
            violations.Add(new("settings.time_zone", "UNKNOWN_VALUE", "give an IANA time zone such as `Asia/Shanghai`"));
        }

        CheckDays("holidays", settings.Calendar.Holidays, isWeekend: false);
        CheckDays("working_weekend_days", settings.Calendar.WorkingWeekendDays, isWeekend: true);
        violations.AddRange(settings.Limits.All
            .Where(limit => limit.Days is < 1 or > WorkingDayLimits.Longest)
            .Select(limit => new FieldViolation($"settings.limits.{limit.Name}", "OUT_OF_RANGE", $"must be 1 to {WorkingDayLimits.Longest} working days, or 0 for the default")));
        return violations;

        void CheckDepartment(string name, DepartmentId? department)
        {
            if (department is { } id && !state.Departments.ContainsKey(id.ToString()))
            {
                violations.Add(new($"settings.{name}", "DEPARTMENT_NOT_FOUND", $"there is no department `{id}`"));
            }
        }

        void CheckDays(string name, ValueList<DateOnly> days, bool isWeekend)
        {
            if (days.Count > MostDays)
            {
                violations.Add(new($"settings.{name}", "COUNT", $"give at most {MostDays} days"));
                return;
            }

            foreach (var (index, day) in days.Index())
            {
                if (day == default)
                {
                    violations.Add(new($"settings.{name}[{index}]", "INVALID_DATE", "must be a date such as `2026-10-01`"));
                }
                else if (isWeekend && day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
                {
                    violations.Add(new($"settings.{name}[{index}]", "NOT_A_WEEKEND_DAY", "must be a Saturday or Sunday"));
                }
            }
        }
    }
}
