namespace Exchange.Server.Records.Subjects;

/// <summary>An index of a subject table beside its key.</summary>
/// <param name="Name">Its name in the table's schema.</param>
/// <param name="Column">The column it serves, behind the partition; null for the index of lexemes.</param>
internal readonly record struct SubjectIndex(SqlName Name, SqlName? Column)
{
    /// <summary>
    /// What an index of a field's column is called in each table, before the field's number: that never changes, and keeps names short. With its `$` it
    /// is no resource's id, whose table would have that name.
    /// </summary>
    public const string FieldPrefix = "$field_";

    /// <summary>Adds the statement that makes it.</summary>
    public SubjectSql AppendCreate(SubjectSql sql, SubjectTable table, bool concurrently)
    {
        _ = concurrently ? sql.Append($"CREATE INDEX CONCURRENTLY IF NOT EXISTS ") : sql.Append($"CREATE INDEX IF NOT EXISTS ");
        sql.Append($"{Name} ON {SubjectTable.Schema}.{table.Name} ");

        // New lexemes gather in a list that every search reads through: short enough for that, long enough to be merged in bulk. An index of a column holds
        // the rows that have a value there: who asks for the column may use it. Else who looks for a record in a partition might: on an empty table it costs
        // no more than the key, and a plan that was made then reads the whole partition for each record later.
        return Column is { } column
            ? sql.Append($"(partition, {column}) WHERE {column} IS NOT NULL")
            : sql.Append($"USING gin ({SubjectTable.Search}) WITH (gin_pending_list_limit = 1024)");
    }
}
