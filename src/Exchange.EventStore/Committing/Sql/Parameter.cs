using Npgsql;
using NpgsqlTypes;

namespace Exchange.EventStore.Committing;

/// <summary>Typed parameters without boxing.</summary>
internal static class Parameter
{
    public static NpgsqlParameter Of<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    public static NpgsqlParameter Times(List<DateTime> values) =>
        new NpgsqlParameter<List<DateTime>> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz };

    /// <summary>First parameter of a statement: the only partition, or each row's.</summary>
    public static NpgsqlParameter Partition<T>(AppendSql sql, IReadOnlyCollection<T> rows, Func<T, int> partition) =>
        sql == AppendSql.One ? Of(partition(rows.First())) : Of(rows.Select(partition).ToArray());
}
