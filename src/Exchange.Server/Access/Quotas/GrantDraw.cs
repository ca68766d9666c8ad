using Exchange.Catalog;

namespace Exchange.Server.Access.Quotas;

/// <summary>What is to be taken of one bound of a grant's quota.</summary>
/// <param name="Grant">The grant.</param>
/// <param name="Bound">Which of its bounds.</param>
/// <param name="Most">The bound, from 1.</param>
/// <param name="Count">How much, from 0: that only looks.</param>
/// <param name="PeriodStart">Beginning of the period.</param>
/// <param name="PeriodEnd">Beginning of the next.</param>
internal sealed record GrantDraw(Grant Grant, QuotaBound Bound, long Most, long Count, DateTimeOffset PeriodStart, DateTimeOffset PeriodEnd);

/// <summary>The bounds of a quota.</summary>
internal enum QuotaBound
{
    /// <summary>Records in a day.</summary>
    Records,

    /// <summary>Reads in a minute.</summary>
    Calls,
}
