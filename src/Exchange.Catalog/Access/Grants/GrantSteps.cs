using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides the steps of a grant between its issue and its revocation. Who may is asked before.</summary>
public static class GrantSteps
{
    /// <summary>The reader accepts the agreement of an offered grant. An accepted one stays as it is.</summary>
    public static Result<GovernanceDecision<Grant>> Accept(GovernanceState state, DepartmentId owner, GrantId id, int agreementVersion, ClientId acceptor, DateTimeOffset now)
    {
        if (!GrantRules.Find(state, owner, id).TryGetValue(out var grant, out var refusal))
        {
            return refusal;
        }

        return grant switch
        {
            { AcceptTime: not null } when grant.AgreementVersion == agreementVersion => new GovernanceDecision<Grant>(grant, null),
            _ when grant.StateAt(now) is not GrantState.Offered => WrongState(grant, now, "only an offered grant is accepted"),
            _ when grant.AgreementVersion != agreementVersion => Refusal.Invalid(
                "agreement_version", "STALE_VERSION", $"the grant is bound to version {grant.AgreementVersion}: read it and give that"),
            _ => Moved(grant with { Acceptor = acceptor, AcceptTime = now, Told = grant.StartTime > now ? GrantStep.Accepted : GrantStep.Started }, GrantStep.Accepted, "", now),
        };
    }

    /// <summary>The reader does without an offered grant.</summary>
    public static Result<GovernanceDecision<Grant>> Decline(GovernanceState state, DepartmentId owner, GrantId id, string reason, DateTimeOffset now) =>
        !GrantRules.Find(state, owner, id).TryGetValue(out var grant, out var refusal) ? refusal
        : grant.StateAt(now) is not GrantState.Offered ? WrongState(grant, now, "only an offered grant is declined; ask its owner to revoke it")
        : Labels.CheckReason(reason) is { } invalid ? invalid
        : Moved(grant with { DeclineTime = now, Reason = reason }, GrantStep.Declined, reason, now);

    /// <summary>The reader asks for a grant's renewal. Asked for again it stays as it is.</summary>
    public static Result<GovernanceDecision<Grant>> RequestRenewal(GovernanceState state, DepartmentId owner, GrantId id, DateTimeOffset now)
    {
        if (!GrantRules.Find(state, owner, id).TryGetValue(out var grant, out var refusal))
        {
            return refusal;
        }

        return grant switch
        {
            _ when grant.StateAt(now) is not GrantState.Active => WrongState(grant, now, "only a grant in force is renewed; ask for a new one"),
            { RenewalPeriod: RenewalPeriod.Unspecified } => WrongState(grant, now, "it is not renewed; ask for a new one"),
            { RenewalRequestTime: not null } => new GovernanceDecision<Grant>(grant, null),
            _ when now < RenewableFrom(state, grant) => WrongState(grant, now, $"its renewal may be asked for from {RenewableFrom(state, grant):yyyy-MM-dd HH:mm}Z"),
            _ when RenewedEnd(state, grant) > grant.CreateTime.AddYears(GrantRules.LongestTermYears) => WrongState(grant, now, "it would be older than three years; ask for a new one"),
            _ => Moved(grant with { RenewalRequestTime = now }, GrantStep.RenewalRequested, "", now),
        };
    }

    /// <summary>The owner renews a grant to the end of the period after its own end, or declines with a reason.</summary>
    public static Result<GovernanceDecision<Grant>> ReviewRenewal(GovernanceState state, DepartmentId owner, GrantId id, bool isApproval, string reason, DateTimeOffset now) =>
        !GrantRules.Find(state, owner, id).TryGetValue(out var grant, out var refusal) ? refusal
        : grant.StateAt(now) is not GrantState.Active || grant.RenewalRequestTime is null ? WrongState(grant, now, "nobody asks for its renewal")
        : !isApproval && Labels.CheckReason(reason) is { } invalid ? invalid
        : isApproval
            ? Moved(grant with { RenewalRequestTime = null, ExpireTime = RenewedEnd(state, grant), IsRenewed = true, Told = GrantStep.Started }, GrantStep.Renewed, "", now)
            : Moved(grant with { RenewalRequestTime = null }, GrantStep.RenewalRejected, reason, now);

    /// <summary>The step that time brings to a grant now; null when there is none that was not told.</summary>
    public static GovernanceEvent.GrantMoved? Due(GovernanceState state, Grant grant, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(grant);
        var step = grant.Agreement is null ? GrantStep.Unspecified : grant.StateAt(now) switch
        {
            GrantState.Expired => GrantStep.Expired,
            GrantState.Active when grant.RenewalPeriod is not RenewalPeriod.Unspecified && now >= RenewableFrom(state, grant) => GrantStep.Renewable,
            GrantState.Active => GrantStep.Started,
            _ => GrantStep.Unspecified,
        };
        return step > grant.Told
            ? new GovernanceEvent.GrantMoved(grant with { Told = step, RenewalRequestTime = step is GrantStep.Expired ? null : grant.RenewalRequestTime }, step, "", now)
            : null;
    }

    /// <summary>From when a grant's renewal may be asked for.</summary>
    public static DateTimeOffset RenewableFrom(GovernanceState state, Grant grant)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(grant);
        return state.Settings.Calendar.NearFrom(grant.ExpireTime, state.Settings.Limits.RenewalWindow);
    }

    internal static Refusal WrongState(Grant grant, DateTimeOffset now, string next)
    {
        var name = EnumWords.Of(grant.StateAt(now));
        return new(RefusalReason.WrongState, $"grant `{grant.Id}` is {name}: {next}")
        {
            Metadata = new Dictionary<string, string> { ["grant"] = grant.Id.ToString(), ["state"] = name },
        };
    }

    // The end of the month or quarter after the one in which its last day lies.
    private static DateTimeOffset RenewedEnd(GovernanceState state, Grant grant)
    {
        var calendar = state.Settings.Calendar;
        var last = calendar.DayOf(grant.ExpireTime.AddTicks(-1));
        var months = grant.RenewalPeriod is RenewalPeriod.Quarter ? 6 - ((last.Month - 1) % 3) : 2;
        return calendar.BeginningOf(new DateOnly(last.Year, last.Month, 1).AddMonths(months));
    }

    private static GovernanceDecision<Grant> Moved(Grant grant, GrantStep step, string reason, DateTimeOffset now) =>
        new(grant, new GovernanceEvent.GrantMoved(grant, step, reason, now));
}
