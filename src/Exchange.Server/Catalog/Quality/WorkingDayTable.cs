using Exchange.Catalog;
using Exchange.Server.Records.Subjects;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Catalog.Quality;

/// <summary>
/// Ends of limits in working days by the day they begin on, for SQL: the ends stand in one array, and the days' beginnings in another, in which `width_bucket` finds
/// the place of an instant. Of days from twenty years ago to a year ahead; there is no end for those before and behind. Immutable.
/// </summary>
internal sealed class WorkingDayTable
{
    private const int YearsBack = 20;

    private WorkingDayTable(NpgsqlParameter beginnings, NpgsqlParameter ends) => (Beginnings, Ends) = (beginnings, ends);

    /// <summary>First instants of the days, `timestamptz[]`.</summary>
    public NpgsqlParameter Beginnings { get; }

    /// <summary>Ends of limits that begin on these days, `timestamptz[]`.</summary>
    public NpgsqlParameter Ends { get; }

    /// <summary>The table of a limit as seen from today.</summary>
    public static WorkingDayTable Of(WorkCalendar calendar, int workingDays, DateTimeOffset now)
    {
        var today = calendar.DayOf(now);
        List<long> beginnings = [];
        List<long> ends = [];
        for (var day = today.AddYears(-YearsBack); day <= today.AddYears(1); day = day.AddDays(1))
        {
            var beginning = calendar.BeginningOf(day);
            beginnings.Add(SqlValue.ToSqlTimestamp(beginning));
            ends.Add(SqlValue.ToSqlTimestamp(calendar.DueAfter(beginning, workingDays)));
        }

        // Everything behind the last day would count as that day. Not null: in an array with nulls each look walks from its beginning.
        ends.RemoveAt(ends.Count - 1);
        return new(SqlValue.Parameter(beginnings, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz), SqlValue.Parameter(ends, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz));
    }
}
