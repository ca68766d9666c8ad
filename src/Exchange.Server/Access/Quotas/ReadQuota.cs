using System.Collections.Immutable;
using System.Globalization;
using Exchange.Catalog;
using Exchange.Server.Audit;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Grpc.Limits;

namespace Exchange.Server.Access.Quotas;

/// <summary>
/// What one read may take of the quotas of the grants it relies on. What leaves is counted before. Not for concurrent use, but for <see cref="Room"/>.
/// </summary>
internal sealed class ReadQuota(
    GrantUses uses, OwnerNumbers numbers, GovernanceStore governance, TimeProvider time, ReadPlan first, Func<ReadPlan, ImmutableArray<GrantQuota>> quotasOf)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private ReadPlan plan = first;
    private ImmutableArray<GrantQuota> quotas = quotasOf(first);
    private long room = long.MaxValue;

    /// <summary>
    /// Records that a batch may have at most, from 1: what was left of the quotas when they were last looked at. With nothing left, records that count for
    /// none of them still go, one by one.
    /// </summary>
    public long Room => Math.Max(1, Volatile.Read(ref room));

    /// <summary>Counts the read as a call; the refusal when a quota has no room for it or for one record.</summary>
    public async Task<Refusal?> BeginAsync(CancellationToken cancellationToken)
    {
        if (quotas.IsEmpty)
        {
            return null;
        }

        var calls = Draws(QuotaBound.Calls, _ => 1);
        if (calls.Count > 0 && (await uses.TakeAsync(calls, cancellationToken)).Refused is { } refused)
        {
            return Refuse(refused);
        }

        return await FindExhaustedAsync(cancellationToken) is { } exhausted ? Refuse(exhausted) : null;
    }

    /// <summary>Looks how many records are left, and tells <see cref="Room"/>.</summary>
    public async Task<long> LookAsync(CancellationToken cancellationToken)
    {
        await FindExhaustedAsync(cancellationToken);
        return Room;
    }

    /// <summary>Takes records that are about to be sent; throws the refusal when a quota has no room for all of them.</summary>
    /// <param name="current">The newest plan.</param>
    /// <param name="rows">How many.</param>
    /// <param name="owners">How many of them have which owners.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async ValueTask TakeAsync(ReadPlan current, long rows, IEnumerable<KeyValuePair<OwnerSet, int>> owners, CancellationToken cancellationToken)
    {
        if (!ReferenceEquals(current, plan))
        {
            (plan, quotas, room) = (current, quotasOf(current), long.MaxValue);
        }

        if (!quotas.IsEmpty)
        {
            (await TryTakeAsync(rows, owners, cancellationToken)).OrThrow();
        }
    }

    /// <summary>The same, with the refusal as answer.</summary>
    public async Task<Refusal?> TryTakeAsync(long rows, IEnumerable<KeyValuePair<OwnerSet, int>> owners, CancellationToken cancellationToken)
    {
        var draws = Draws(QuotaBound.Records, quota => quota.CountOf(rows, owners, numbers));
        if (draws.TrueForAll(draw => draw.Count is 0))
        {
            return null;
        }

        var (refused, left) = await uses.TakeAsync(draws, cancellationToken);
        if (refused is not null)
        {
            return Refuse(refused);
        }

        Volatile.Write(ref room, left.Min());
        return null;
    }

    private async Task<GrantDraw?> FindExhaustedAsync(CancellationToken cancellationToken)
    {
        var looks = Draws(QuotaBound.Records, _ => 0);
        if (looks.Count is 0)
        {
            return null;
        }

        // Refused to look: more was taken than the bound is now.
        var (refused, left) = await uses.TakeAsync(looks, cancellationToken);
        Volatile.Write(ref room, refused is null ? left.Min() : 0);
        return refused ?? looks.Zip(left).FirstOrDefault(look => look.Second is 0).First;
    }

    private List<GrantDraw> Draws(QuotaBound bound, Func<GrantQuota, long> count)
    {
        var now = time.GetUtcNow();
        var (start, end) = bound is QuotaBound.Records ? DayOf(now) : MinuteOf(now);
        return
        [
            .. quotas
                .Select(quota => (Quota: quota, Most: bound is QuotaBound.Records ? quota.Grant.Quota.RecordsPerDay : quota.Grant.Quota.CallsPerMinute))
                .Where(item => item.Most > 0)
                .Select(item => new GrantDraw(item.Quota.Grant, bound, item.Most, count(item.Quota), start, end)),
        ];
    }

    private static (DateTimeOffset Start, DateTimeOffset End) MinuteOf(DateTimeOffset now)
    {
        var start = now.AddTicks(-(now.Ticks % Minute.Ticks));
        return (start, start + Minute);
    }

    private (DateTimeOffset Start, DateTimeOffset End) DayOf(DateTimeOffset now)
    {
        var calendar = governance.Current.Settings.Calendar;
        var day = calendar.DayOf(now);
        return (calendar.BeginningOf(day), calendar.BeginningOf(day.AddDays(1)));
    }

    private Refusal Refuse(GrantDraw draw)
    {
        var (reason, what, period) = draw.Bound is QuotaBound.Records ? (LimitReasons.QuotaExhausted, "records", "day") : (LimitReasons.RateLimited, "reads", "minute");
        var most = draw.Most.ToString(CultureInfo.InvariantCulture);
        return new Refusal(
            reason,
            $"by the grant `{draw.Grant.Name}` {most} {what} a {period} may be had, and there is no room for more: wait as long as the status says, "
            + "ask for fewer records or without its fields, or ask its owner for more")
        {
            RetryAfter = draw.PeriodEnd - time.GetUtcNow(),
            Metadata = new Dictionary<string, string> { ["scope"] = "grant", ["limit"] = most, ["period"] = period, ["grant"] = draw.Grant.Name },
        };
    }
}
