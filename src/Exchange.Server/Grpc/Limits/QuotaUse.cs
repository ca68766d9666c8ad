namespace Exchange.Server.Grpc.Limits;

/// <summary>Calls of one client or department in one period.</summary>
/// <param name="ScopeKey">The quota and whose use it is: `day client:RecordsService/Pull water-system`.</param>
/// <param name="PeriodStart">Beginning of the hour or day, UTC.</param>
/// <param name="Used">How many calls.</param>
internal readonly record struct QuotaUse(string ScopeKey, DateTimeOffset PeriodStart, long Used);
