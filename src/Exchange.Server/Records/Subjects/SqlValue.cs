using System.Diagnostics;
using Exchange.Policy.Conditions;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Records.Subjects;

/// <summary>
/// Field values as PostgreSQL takes and gives them. Dates and timestamps travel as the raw numbers of the wire, so that none of them is
/// ever taken for infinity.
/// </summary>
internal static class SqlValue
{
    // PostgreSQL counts from 2000-01-01, field values from 1970-01-01.
    private const int EpochDays = 10_957;
    private const long EpochMicroseconds = EpochDays * 86_400_000_000L;

    /// <summary>Days as PostgreSQL counts them.</summary>
    public static int ToSqlDate(int daysSinceEpoch) => daysSinceEpoch - EpochDays;

    /// <summary>Days as field values count them.</summary>
    public static int FromSqlDate(int days) => days + EpochDays;

    /// <summary>Microseconds as PostgreSQL counts them.</summary>
    public static long ToSqlTimestamp(long microsecondsSinceEpoch) => microsecondsSinceEpoch - EpochMicroseconds;

    /// <summary>Microseconds as field values count them.</summary>
    public static long FromSqlTimestamp(long microseconds) => microseconds + EpochMicroseconds;

    /// <summary>Microseconds as PostgreSQL counts them; finer digits are cut off.</summary>
    public static long ToSqlTimestamp(DateTimeOffset time) =>
        ToSqlTimestamp((time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);

    /// <summary>A literal of a condition as a parameter.</summary>
    public static NpgsqlParameter Parameter(FieldValue value) => value.Type switch
    {
        FieldType.Text or FieldType.Code => Parameter(value.AsText, NpgsqlDbType.Text),
        FieldType.Integer => Parameter(value.AsInteger, NpgsqlDbType.Bigint),
        FieldType.Decimal => Parameter(value.AsDecimal, NpgsqlDbType.Numeric),
        FieldType.Boolean => Parameter(value.AsBoolean, NpgsqlDbType.Boolean),
        FieldType.Date => Parameter(ToSqlDate(value.AsDate), NpgsqlDbType.Date),
        FieldType.Timestamp => Parameter(ToSqlTimestamp(value.AsTimestamp), NpgsqlDbType.TimestampTz),
        _ => throw new UnreachableException($"a condition has no literal of type {value.Type}"),
    };

    /// <summary>Literals of one type as one array parameter.</summary>
    public static NpgsqlParameter ArrayParameter(FieldType type, ReadOnlySpan<FieldValue> values) => type switch
    {
        FieldType.Text or FieldType.Code => Array(values, static value => value.AsText, NpgsqlDbType.Text),
        FieldType.Integer => Array(values, static value => value.AsInteger, NpgsqlDbType.Bigint),
        FieldType.Decimal => Array(values, static value => value.AsDecimal, NpgsqlDbType.Numeric),
        FieldType.Boolean => Array(values, static value => value.AsBoolean, NpgsqlDbType.Boolean),
        FieldType.Date => Array(values, static value => ToSqlDate(value.AsDate), NpgsqlDbType.Date),
        FieldType.Timestamp => Array(values, static value => ToSqlTimestamp(value.AsTimestamp), NpgsqlDbType.TimestampTz),
        _ => throw new UnreachableException($"a condition has no literal of type {type}"),
    };

    /// <summary>A parameter of a known type.</summary>
    public static NpgsqlParameter Parameter<T>(T value, NpgsqlDbType type) => new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type };

    private static NpgsqlParameter Array<T>(ReadOnlySpan<FieldValue> values, Func<FieldValue, T> convert, NpgsqlDbType type)
    {
        var array = new T[values.Length];
        for (var index = 0; index < array.Length; index++)
        {
            array[index] = convert(values[index]);
        }

        return Parameter(array, NpgsqlDbType.Array | type);
    }
}
