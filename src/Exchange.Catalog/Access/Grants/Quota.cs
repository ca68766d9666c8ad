namespace Exchange.Catalog;

/// <summary>How much may be read by a grant; 0 means no such bound.</summary>
/// <param name="RecordsPerDay">Records that may be delivered in one day of the hub's time zone, at most <see cref="MostRecordsPerDay"/>.</param>
/// <param name="CallsPerMinute">Reads that may begin in one minute, at most <see cref="MostCallsPerMinute"/>.</param>
public readonly record struct Quota(long RecordsPerDay, int CallsPerMinute)
{
    /// <summary>Largest bound of records.</summary>
    public const long MostRecordsPerDay = 1_000_000_000;

    /// <summary>Largest bound of calls.</summary>
    public const int MostCallsPerMinute = 100_000;

    internal void Check(string path, List<FieldViolation> violations)
    {
        if (RecordsPerDay is < 0 or > MostRecordsPerDay)
        {
            violations.Add(new($"{path}.records_per_day", "OUT_OF_RANGE", $"must be 1 to {MostRecordsPerDay}, or 0 for no bound"));
        }

        if (CallsPerMinute is < 0 or > MostCallsPerMinute)
        {
            violations.Add(new($"{path}.calls_per_minute", "OUT_OF_RANGE", $"must be 1 to {MostCallsPerMinute}, or 0 for no bound"));
        }
    }
}
