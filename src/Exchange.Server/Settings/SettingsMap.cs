using System.Globalization;
using Exchange.Catalog;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Settings;

/// <summary>Turns the hub's settings into messages and back.</summary>
internal static class SettingsMap
{
    private const string DateFormat = "yyyy-MM-dd";

    /// <summary>The settings as a message.</summary>
    public static Proto.HubSettings ToProto(this HubSettings settings) => new()
    {
        SharingAuthority = DepartmentMap.NameOf(settings.SharingAuthority),
        SupervisionOffice = DepartmentMap.NameOf(settings.SupervisionOffice),
        TimeZone = settings.Calendar.TimeZone,
        Holidays = { settings.Calendar.Holidays.Select(Text) },
        WorkingWeekendDays = { settings.Calendar.WorkingWeekendDays.Select(Text) },
        Limits = new Proto.WorkingDayLimits
        {
            ConformityCheck = settings.Limits.ConformityCheck,
            OwnerReview = settings.Limits.OwnerReview,
            Supplement = settings.Limits.Supplement,
            Acceptance = settings.Limits.Acceptance,
            ProposalReply = settings.Limits.ProposalReply,
            NearDue = settings.Limits.NearDue,
            RenewalWindow = settings.Limits.RenewalWindow,
        },
        Etag = settings.Etag,
    };

    /// <summary>The message as settings, unchecked: days that are none read as the default day.</summary>
    public static HubSettings ToDomain(this Proto.HubSettings settings)
    {
        var (limits, usual) = (settings.Limits ?? new Proto.WorkingDayLimits(), WorkingDayLimits.Default);
        return new HubSettings
        {
            SharingAuthority = ResourceNames.DepartmentIn(settings.SharingAuthority),
            SupervisionOffice = ResourceNames.DepartmentIn(settings.SupervisionOffice),
            Calendar = new WorkCalendar
            {
                TimeZone = settings.TimeZone.Length is 0 ? WorkCalendar.DefaultTimeZone : settings.TimeZone,
                Holidays = Days(settings.Holidays),
                WorkingWeekendDays = Days(settings.WorkingWeekendDays),
            },
            Limits = new WorkingDayLimits(
                OrUsual(limits.ConformityCheck, usual.ConformityCheck),
                OrUsual(limits.OwnerReview, usual.OwnerReview),
                OrUsual(limits.Supplement, usual.Supplement),
                OrUsual(limits.Acceptance, usual.Acceptance),
                OrUsual(limits.ProposalReply, usual.ProposalReply),
                OrUsual(limits.NearDue, usual.NearDue),
                OrUsual(limits.RenewalWindow, usual.RenewalWindow)),
            Revision = settings.Etag.Length > 1 && int.TryParse(settings.Etag.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0,
        };
    }

    private static int OrUsual(int days, int usual) => days is 0 ? usual : days;

    private static string Text(DateOnly day) => day.ToString(DateFormat, CultureInfo.InvariantCulture);

    // In order and once each; as they came where one of them is no day, so that it can be told which.
    private static ValueList<DateOnly> Days(IReadOnlyCollection<string> texts)
    {
        DateOnly[] days = [.. texts.Select(text => DateOnly.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : default)];
        return days.Contains(default) ? [.. days] : [.. days.Distinct().Order()];
    }
}
