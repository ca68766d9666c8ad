using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Exchange.Catalog;
using Exchange.Catalog.Records;
using Exchange.Catalog.Search;
using Exchange.EventStore.Appending;
using Exchange.Policy.Conditions;
using Exchange.Server.Records.Push;
using Exchange.Server.Records.Subjects;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Server.Records.Deciding;

/// <summary>
/// The records of one resource in one append transaction: read once for all its units, changed by their decisions in order, written once.
/// </summary>
/// <param name="table">The resource's table.</param>
/// <param name="expected">About how many records there will be.</param>
internal sealed class SubjectChanges(SubjectTable table, int expected)
{
    // Columns of the query before the fields.
    private const int FirstField = 8;

    // PostgreSQL keeps less than 1 MiB of lexemes a row. A lexeme takes at most 13 bytes for each character, so shorter texts need no look.
    private const int MostLexemeBytes = 1_000_000;
    private const int CertainlyFits = 70_000;

    private readonly Dictionary<Guid, SubjectEntry> entries = new(expected);
    private readonly SortedSet<int> read = [];
    private readonly SortedSet<int> written = [];
    private bool writesSearchable;

    /// <summary>The table: of the newest revision among the transaction's units.</summary>
    public SubjectTable Table => table;

    /// <summary>Takes in a unit's records and columns.</summary>
    public void Join(RecordUnit unit)
    {
        read.UnionWith(unit.Plan.Read);
        written.UnionWith(unit.Plan.Written);
        writesSearchable |= unit.Plan.WritesSearchable;
        foreach (var index in unit.Records)
        {
            var id = unit.Batch.IdOf(index);
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(entries, id, out var isKnown);
            entry ??= new SubjectEntry { Id = id, Partition = unit.Partition };
            entry.Join(unit, index, isFirst: !isKnown);
        }
    }

    /// <summary>The record of this id.</summary>
    public SubjectEntry Of(Guid recordId) => entries[recordId];

    /// <summary>False when the record's texts together have more different words and character pairs than the search index can keep.</summary>
    public bool FitsSearch(RecordState record)
    {
        var length = 0;
        foreach (var index in table.SearchableFields)
        {
            // UTF-8 has no fewer bytes than the text has characters.
            var value = record.Values[index];
            length += value.IsMissing ? 0 : value.TryGetUtf8(out var utf8) ? utf8.Length : value.AsText.Length;
        }

        if (length <= CertainlyFits)
        {
            return true;
        }

        var lexemes = new HashSet<string>(StringComparer.Ordinal);
        AddLexemes(record, lexemes);
        return lexemes.Sum(Encoding.UTF8.GetByteCount) <= MostLexemeBytes;
    }

    /// <summary>Reads the records that are there, with the columns the units need.</summary>
    public void AddReads(ReadBatch batch)
    {
        PresumeNew(batch);
        List<Guid> ids = [];
        List<int> partitions = [];
        foreach (var (id, entry) in entries)
        {
            if (entry.Opening is null)
            {
                ids.Add(id);
                partitions.Add(entry.Partition);
            }
        }

        if (ids.Count is 0)
        {
            return;
        }

        ImmutableArray<int> fields = [.. read];
        var sql = new SubjectSql().Append(
            $"""
            SELECT s.record_id, s.version, s.position, s.update_time, s.opener_department, s.source_system, s.source_id, s.source_versions::text
            """);
        foreach (var index in fields)
        {
            var column = table.Columns[index];
            sql.Append($", s.{column.Name}");
            _ = column.Second is { } second ? sql.Append($", s.{second}") : sql;
        }

        // OFFSET 0 as in AppendSql: by the whole key, under whatever plan.
        var wanted = SqlValue.Parameter(ids, NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        if (partitions.TrueForAll(partition => partition == partitions[0]))
        {
            sql.Append(
                $"""
                 FROM unnest({wanted}) u(record_id)
                CROSS JOIN LATERAL (SELECT * FROM {SubjectTable.Schema}.{table.Name} s
                WHERE s.partition = {SqlValue.Parameter(partitions[0], NpgsqlDbType.Integer)} AND s.record_id = u.record_id OFFSET 0) s
                """);
        }
        else
        {
            sql.Append(
                $"""
                 FROM unnest({SqlValue.Parameter(partitions, NpgsqlDbType.Array | NpgsqlDbType.Integer)}, {wanted}) u(partition, record_id)
                CROSS JOIN LATERAL (SELECT * FROM {SubjectTable.Schema}.{table.Name} s
                WHERE s.partition = u.partition AND s.record_id = u.record_id OFFSET 0) s
                """);
        }

        var command = batch.Add(sql.Text, (reader, cancellationToken) => ReadAsync(reader, fields, cancellationToken));
        AddParameters(command, sql);
    }

    // INVARIANT: only a record whose opening certainly stores an event is presumed new, so that the event's key tells when it was not. A push that seals
    // may find the record erased, and stores nothing then.
    private void PresumeNew(ReadBatch batch)
    {
        if (!entries.Values.Any(static entry => entry.OnlyUnit is { Plan.MaySeal: false }) || !batch.Presume())
        {
            return;
        }

        foreach (var entry in entries.Values)
        {
            if (entry.OnlyUnit is { Plan.MaySeal: false, Batch: var pushed } unit)
            {
                var index = entry.Index;
                var decision = RecordRules.Decide(unit.Plan.Columns, null, pushed.OpenAsOf(index), pushed.SourceVersionOf(index), pushed.ValuesOf(index));
                if (decision is { WritesFields: true, NewState: { } opened } && FitsSearch(opened))
                {
                    entry.Opening = decision;
                }
            }
        }
    }

    /// <summary>Writes what the decisions changed.</summary>
    public void AddWrites(WriteBatch batch)
    {
        ImmutableArray<int> fields = [.. written];
        var newRows = entries.Values.Count(entry => entry is { IsNew: true, Record: not null });
        var copied = batch.TakesCopies && newRows >= CopyRows.Worthwhile ? new SubjectCopy(table, fields, writesSearchable) : null;
        var inserted = new SubjectRows(table, fields, writesSearchable);
        var updated = new SubjectRows(table, fields, withLexemes: false);
        var updatedWithLexemes = new SubjectRows(table, fields, withLexemes: true);
        var values = new FieldValue[fields.Length];
        var lexemes = new HashSet<string>(StringComparer.Ordinal);

        foreach (var entry in ChangedInOrder())
        {
            var record = entry.Record!;
            for (var place = 0; place < fields.Length; place++)
            {
                values[place] = record.Values[fields[place]];
            }

            var head = new SubjectRowHead(
                entry.Partition, entry.Id, entry.OpenedPosition, record.Version, entry.Position, entry.UpdateTime, record.Opener.Value, record.SourceSystem, record.SourceId,
                SourceVersionsJson.Write(record.SourceVersions));
            lexemes.Clear();
            if (entry.IsNew ? writesSearchable : entry.IsSearchChanged)
            {
                AddLexemes(record, lexemes);
            }

            if (entry.IsNew && copied is not null)
            {
                copied.Add(head, lexemes, values);
            }
            else
            {
                var rows = entry.IsNew ? inserted : entry.IsSearchChanged ? updatedWithLexemes : updated;
                rows.Add(head, lexemes.Count is 0 ? null : string.Join('\n', lexemes), values);
            }
        }

        if (copied is not null)
        {
            batch.AddCopy(copied.Statement, copied.Rows);
        }

        Add(batch, inserted, static rows => rows.Insert());
        Add(batch, updated, rows => rows.Update(isDistributed: !batch.TakesCopies));
        Add(batch, updatedWithLexemes, rows => rows.Update(isDistributed: !batch.TakesCopies));
    }

    // What was opened one after the other lies together on the disk, where those who walk a partition find it together.
    private SubjectEntry[] ChangedInOrder()
    {
        SubjectEntry[] changed = [.. entries.Values.Where(static entry => entry is { IsChanged: true, Record: not null })];
        var keys = Array.ConvertAll(changed, static entry => ((ulong)(uint)entry.Partition << 48) | (ulong)entry.Position);
        Array.Sort(keys, changed);
        return changed;
    }

    private static void Add(WriteBatch batch, SubjectRows rows, Func<SubjectRows, SubjectSql> statement)
    {
        if (rows.Count > 0)
        {
            var sql = statement(rows);
            AddParameters(batch.Add(sql.Text), sql);
        }
    }

    private static void AddParameters(NpgsqlBatchCommand command, SubjectSql sql)
    {
        foreach (var parameter in sql.Parameters)
        {
            command.Parameters.Add(parameter);
        }
    }

    private void AddLexemes(RecordState record, HashSet<string> lexemes)
    {
        foreach (var index in table.SearchableFields)
        {
            if (record.Values[index] is { IsMissing: false } text)
            {
                SearchTokens.AddLexemes(lexemes, table.Columns[index].Field.Number, text.AsText);
            }
        }
    }

    private async ValueTask ReadAsync(NpgsqlDataReader reader, ImmutableArray<int> fields, CancellationToken cancellationToken)
    {
        while (await reader.ReadAsync(cancellationToken))
        {
            var values = new FieldValue[table.Columns.Length];
            var ordinal = FirstField;
            foreach (var index in fields)
            {
                var column = table.Columns[index];
                values[index] = SubjectReader.Read(reader, ordinal, column);
                ordinal += column.Width;
            }

            var record = new RecordState(
                reader.GetInt64(1),
                new DepartmentId(reader.GetString(4)),
                reader.GetString(5),
                reader.GetString(6),
                values,
                SourceVersionsJson.Read(await reader.IsDBNullAsync(7, cancellationToken) ? null : reader.GetString(7)));
            entries[reader.GetGuid(0)].Load(record, reader.GetInt64(2), SubjectReader.ReadTimestamp(reader, 3));
        }
    }
}
