using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Policy.Conditions;
using Exchange.Server.Records.Subjects;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Exchange.Server.Tests.Records.Subjects;

public sealed class SubjectTablesTests(SubjectFixture fixture) : IClassFixture<SubjectFixture>
{
    [Theory]
    [InlineData("round_trip", false)]
    [InlineData("round_trip_distributed", true)]
    public async Task Every_value_is_read_back_as_it_was_inserted_and_as_it_was_updated(string name, bool isDistributed)
    {
        var random = new RandomRows(7);
        var resource = SubjectFixture.Resource(name, 1, SubjectFixture.EveryType);
        var table = SubjectTable.Of(resource);
        await fixture.Tables.EnsureAsync(resource, CancellationToken.None);
        var all = Enumerable.Range(0, table.Columns.Length).ToImmutableArray();
        var rows = Enumerable.Range(0, 200).ToDictionary(_ => Guid.CreateVersion7(), _ => random.Row(resource));

        var inserted = new SubjectRows(table, all, withLexemes: true);
        foreach (var (id, values) in rows)
        {
            inserted.Add(new SubjectRowHead(8, id, 1, 1, 1, 0, "centre", "forum", id.ToString(), """{"forum": 3}"""), "10/ab\n10/噪音", values);
        }

        await fixture.ExecuteAsync(inserted.Insert());
        await AssertStoredAsync(table, rows, version: 1);

        var updated = new SubjectRows(table, all, withLexemes: true);
        foreach (var id in rows.Keys.ToList())
        {
            rows[id] = random.Row(resource);
            updated.Add(new SubjectRowHead(8, id, SubjectRowHead.NotRead, 2, 2, 0, "", "", "", null), null, rows[id]);
        }

        await fixture.ExecuteAsync(updated.Update(isDistributed));
        await AssertStoredAsync(table, rows, version: 2);
    }

    [Fact]
    public async Task Every_value_is_read_back_as_it_was_copied()
    {
        var random = new RandomRows(8);
        var resource = SubjectFixture.Resource("copied", 1, SubjectFixture.EveryType);
        var table = SubjectTable.Of(resource);
        await fixture.Tables.EnsureAsync(resource, CancellationToken.None);
        var rows = Enumerable.Range(0, 300).ToDictionary(_ => Guid.CreateVersion7(), _ => random.Row(resource));

        var copied = new SubjectCopy(table, [.. Enumerable.Range(0, table.Columns.Length)], withLexemes: true);
        foreach (var (id, values) in rows)
        {
            copied.Add(new SubjectRowHead(8, id, 1, 1, 1, 0, "centre", "forum", id.ToString(), """{"forum": 3}"""), ["10/ab", "10/噪音"], values);
        }

        await using (var connection = await fixture.Database.OpenConnectionAsync())
        {
            await using var target = await connection.BeginRawBinaryCopyAsync(copied.Statement, CancellationToken.None);
            foreach (var piece in copied.Rows.End())
            {
                await target.WriteAsync(piece, CancellationToken.None);
            }
        }

        copied.Rows.Dispose();
        await AssertStoredAsync(table, rows, version: 1);
        Assert.Equal(300L, await fixture.ScalarAsync<long>(
            """
            SELECT count(*) FROM subject.copied
            WHERE search = '''10/ab'' ''10/噪音'''::tsvector AND source_versions = '{"forum": 3}' AND update_time = 'epoch' AND create_time = 'epoch'
            """));
    }

    [Fact]
    public async Task A_revision_adds_its_columns_and_keeps_the_rows()
    {
        var first = SubjectFixture.Resource("growing", 1, SubjectFixture.Field(1, "title", FieldType.Text));
        await fixture.Tables.EnsureAsync(first, CancellationToken.None);
        var rows = new SubjectRows(SubjectTable.Of(first), [0], withLexemes: false);
        rows.Add(new SubjectRowHead(8, Guid.CreateVersion7(), 1, 1, 1, 0, "centre", "forum", "1", null), null, [FieldValue.Text("kept")]);
        await fixture.ExecuteAsync(rows.Insert());

        var second = SubjectFixture.Resource("growing", 2, [.. first.Fields, SubjectFixture.Field(2, "body", FieldType.Text) with { Searchable = true }]);
        await fixture.Tables.EnsureAsync(second, CancellationToken.None);
        await fixture.Tables.EnsureAsync(second, CancellationToken.None);

        Assert.Equal("kept", await fixture.ScalarAsync<string>("SELECT title FROM subject.growing WHERE body IS NULL AND search IS NULL"));
        Assert.True(await fixture.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'subject.growing$search_idx'::regclass"));
    }

    [Fact]
    public async Task Indexes_are_those_that_the_newest_revision_asks_for()
    {
        var first = SubjectFixture.Resource("indexes", 1, SubjectFixture.Field(1, "amount", FieldType.Integer) with { Indexed = true }, SubjectFixture.Field(2, "due", FieldType.Date));
        await fixture.Tables.EnsureAsync(first, CancellationToken.None);
        Assert.Equal("indexes$field_1_idx,indexes$opened_idx,indexes$pkey", await IndexesAsync());

        var rows = new SubjectRows(SubjectTable.Of(first), [0], withLexemes: false);
        rows.Add(new SubjectRowHead(8, Guid.CreateVersion7(), 1, 1, 1, 0, "centre", "forum", "1", null), null, [FieldValue.Integer(7)]);
        await fixture.ExecuteAsync(rows.Insert());
        var second = SubjectFixture.Resource("indexes", 2, first.Fields[0] with { Indexed = false }, first.Fields[1] with { Indexed = true });
        await fixture.Tables.EnsureAsync(second, first, CancellationToken.None);
        await fixture.Tables.EnsureAsync(second, first, CancellationToken.None);

        Assert.Equal("indexes$field_1_idx,indexes$field_2_idx,indexes$opened_idx,indexes$pkey", await IndexesAsync());
        await fixture.Tables.DropOtherIndexesAsync(second, CancellationToken.None);

        Assert.Equal("indexes$field_2_idx,indexes$opened_idx,indexes$pkey", await IndexesAsync());
        Assert.Equal("CREATE INDEX \"indexes$field_2_idx\" ON subject.indexes USING btree (partition, due) WHERE (due IS NOT NULL)", await fixture.ScalarAsync<string>(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indisvalid AND indexrelid = 'subject.indexes$field_2_idx'::regclass"));

        Task<string> IndexesAsync() => fixture.ScalarAsync<string>(
            "SELECT string_agg(c.relname, ',' ORDER BY c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'subject.indexes'::regclass");
    }

    [Fact]
    public async Task An_index_that_a_broken_off_publication_left_on_another_column_is_made_anew()
    {
        var first = SubjectFixture.Resource("renamed", 1, SubjectFixture.Field(1, "title", FieldType.Text));
        await fixture.Tables.EnsureAsync(first, CancellationToken.None);
        foreach (var name in new[] { "amount", "sum" })
        {
            var second = SubjectFixture.Resource("renamed", 2, [.. first.Fields, SubjectFixture.Field(2, name, FieldType.Integer) with { Indexed = true }]);
            await fixture.Tables.EnsureAsync(second, first, CancellationToken.None);

            Assert.Equal($"CREATE INDEX \"renamed$field_2_idx\" ON subject.renamed USING btree (partition, {name}) WHERE ({name} IS NOT NULL)", await fixture.ScalarAsync<string>(
                "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indisvalid AND indexrelid = 'subject.renamed$field_2_idx'::regclass"));
        }
    }

    [Fact]
    public async Task No_resource_has_the_name_of_another_ones_index()
    {
        string[] ids = ["pair", "pair_pkey", "pair_opened_idx", "pair_search_idx", "pair_field_1_idx"];
        Assert.All(ids, id => Assert.True(ResourceId.IsValid(id)));

        foreach (var id in ids.Reverse())
        {
            await fixture.Tables.EnsureAsync(
                SubjectFixture.Resource(id, 1, SubjectFixture.Field(1, "title", FieldType.Text) with { Indexed = true, Searchable = true }), CancellationToken.None);
        }

        // Each has its key, the index of openings, that of lexemes and the field's.
        Assert.Equal(4L * ids.Length, await fixture.ScalarAsync<long>("SELECT count(*) FROM pg_indexes WHERE schemaname = 'subject' AND tablename LIKE 'pair%'"));
    }

    [Fact]
    public async Task Several_nodes_may_make_one_table_at_the_same_time()
    {
        var resource = SubjectFixture.Resource("contended", 1, SubjectFixture.EveryType);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var alone = await fixture.Tables.LockAsync(resource.Id, CancellationToken.None);
            await fixture.Tables.EnsureAsync(resource, CancellationToken.None);
        }));

        var columns = SubjectTable.Of(resource).Columns.Sum(column => column.Definitions.Count());
        Assert.Equal(columns, await fixture.ScalarAsync<long>(
            """
            SELECT count(*) FROM information_schema.columns WHERE table_schema = 'subject' AND table_name = 'contended'
            AND column_name NOT IN ('partition','record_id','opened_position','version','position','create_time','update_time','opener_department','source_system','source_id','source_versions','search')
            """));
    }

    [Fact]
    public async Task A_table_that_an_append_holds_is_extended_as_soon_as_it_is_free()
    {
        var first = SubjectFixture.Resource("busy", 1, SubjectFixture.Field(1, "title", FieldType.Text));
        await fixture.Tables.EnsureAsync(first, CancellationToken.None);
        await using var connection = await fixture.Database.OpenConnectionAsync();
        await using var append = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("LOCK TABLE subject.busy IN ROW EXCLUSIVE MODE", connection, append))
        {
            await hold.ExecuteNonQueryAsync();
        }

        var extended = fixture.Tables.EnsureAsync(SubjectFixture.Resource("busy", 2, [.. first.Fields, SubjectFixture.Field(2, "more", FieldType.Code)]), CancellationToken.None);
        await WaitForLockTimeoutAsync();
        Assert.False(extended.IsCompleted);
        await append.CommitAsync();

        await extended.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0L, await fixture.ScalarAsync<long>("SELECT count(more) FROM subject.busy"));
    }

    [Fact]
    public async Task A_column_of_another_type_is_a_fault()
    {
        await fixture.Tables.EnsureAsync(SubjectFixture.Resource("clash", 1, SubjectFixture.Field(1, "title", FieldType.Text)), CancellationToken.None);

        var other = SubjectFixture.Resource("clash", 2, SubjectFixture.Field(2, "title", FieldType.Integer));

        await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Tables.EnsureAsync(other, CancellationToken.None));
    }

    [Fact]
    public async Task An_empty_column_that_a_broken_off_publication_left_is_replaced_and_no_other()
    {
        var first = SubjectFixture.Resource("orphan", 1, SubjectFixture.Field(1, "title", FieldType.Text));
        await fixture.Tables.EnsureAsync(first, null, CancellationToken.None);
        await fixture.Tables.EnsureAsync(
            SubjectFixture.Resource("orphan", 2, [.. first.Fields, SubjectFixture.Field(2, "fee", FieldType.Text)]), first, CancellationToken.None);
        var second = SubjectFixture.Resource("orphan", 2, [.. first.Fields, SubjectFixture.Field(2, "fee", FieldType.Integer)]);

        await fixture.Tables.EnsureAsync(second, first, CancellationToken.None);

        Assert.Equal("bigint", await fixture.ScalarAsync<string>(
            "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'subject.orphan'::regclass AND attname = 'fee'"));
        var published = SubjectFixture.Resource("orphan", 3, first.Fields[0], SubjectFixture.Field(2, "fee", FieldType.Date));
        await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Tables.EnsureAsync(published, second, CancellationToken.None));
        var rows = new SubjectRows(SubjectTable.Of(second), [1], withLexemes: false);
        rows.Add(new SubjectRowHead(8, Guid.CreateVersion7(), 1, 1, 1, 0, "centre", "forum", "1", null), null, [FieldValue.Integer(7)]);
        await fixture.ExecuteAsync(rows.Insert());
        await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Tables.EnsureAsync(published, first, CancellationToken.None));
    }

    [Fact]
    public async Task Publications_of_one_resource_wait_for_each_other_on_all_nodes()
    {
        var held = await fixture.Tables.LockAsync(new ResourceId("alone"), CancellationToken.None);
        await using (await fixture.Tables.LockAsync(new ResourceId("other"), CancellationToken.None))
        {
        }

        var time = new NotingTime();
        var waiting = new SubjectTables(fixture.Database, time, NullLogger<SubjectTables>.Instance).LockAsync(new ResourceId("alone"), CancellationToken.None);
        await time.Waited.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(waiting.IsCompleted);
        await held.DisposeAsync();

        await (await waiting.WaitAsync(TimeSpan.FromSeconds(30))).DisposeAsync();
        Assert.Equal(0L, await fixture.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"));
    }

    [Fact]
    public async Task An_index_is_built_on_a_table_in_use_while_another_node_waits_to_publish()
    {
        var first = SubjectFixture.Resource("queued", 1, SubjectFixture.Field(1, "title", FieldType.Text));
        await fixture.Tables.EnsureAsync(first, CancellationToken.None);
        await using var held = await fixture.Tables.LockAsync(first.Id, CancellationToken.None);
        using var end = new CancellationTokenSource();
        var time = new NotingTime();
        var waiting = new SubjectTables(fixture.Database, time, NullLogger<SubjectTables>.Instance).LockAsync(first.Id, end.Token);
        await time.Waited.WaitAsync(TimeSpan.FromSeconds(30));

        var second = SubjectFixture.Resource("queued", 2, [.. first.Fields, SubjectFixture.Field(2, "body", FieldType.Text) with { Searchable = true }]);
        await fixture.Tables.EnsureAsync(second, first, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.True(await fixture.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'subject.queued$search_idx'::regclass"));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_name_from_outside_stays_a_name()
    {
        const string Hostile = "x\"; DROP TABLE log.log_partition; --";

        await fixture.Tables.EnsureAsync(SubjectFixture.Resource("hostile", 1, SubjectFixture.Field(1, Hostile, FieldType.Text)), CancellationToken.None);

        Assert.Equal(Hostile, await fixture.ScalarAsync<string>(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = 'subject.hostile'::regclass AND attname LIKE '%DROP%'"));
        Assert.Equal(2L, await fixture.ScalarAsync<long>("SELECT count(*) FROM log.log_partition"));
    }

    // The extending session shows up waiting for the table's lock.
    private Task WaitForLockTimeoutAsync() => UntilAnyAsync("SELECT count(*) FROM pg_locks WHERE relation = 'subject.busy'::regclass AND NOT granted");

    private async Task UntilAnyAsync(string query)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(10); DateTime.UtcNow < deadline;)
        {
            if (await fixture.ScalarAsync<long>(query) > 0)
            {
                return;
            }
        }

        Assert.Fail("nobody waited for the lock");
    }

    private async Task AssertStoredAsync(SubjectTable table, Dictionary<Guid, FieldValue[]> rows, long version)
    {
        var sql = new SubjectSql().Append($"SELECT record_id, version");
        foreach (var (name, _) in table.Columns.SelectMany(column => column.Definitions))
        {
            sql.Append($", {name}");
        }

        sql.Append($" FROM {SubjectTable.Schema}.{table.Name}");
        await using var connection = await fixture.Database.OpenConnectionAsync();
        await using var command = sql.ToCommand(connection);
        await using var reader = await command.ExecuteReaderAsync();
        var seen = 0;
        while (await reader.ReadAsync())
        {
            var expected = rows[reader.GetGuid(0)];
            Assert.Equal(version, reader.GetInt64(1));
            var ordinal = 2;
            for (var index = 0; index < table.Columns.Length; index++)
            {
                var type = table.Columns[index].Field.Type;
                Assert.True(expected[index] == SubjectReader.Read(reader, ordinal, table.Columns[index]), $"field of type {type} differs");
                ordinal += table.Columns[index].Width;
            }

            seen++;
        }

        Assert.Equal(rows.Count, seen);
    }

    // Tells that somebody waits for time to pass.
    private sealed class NotingTime : TimeProvider
    {
        private readonly TaskCompletionSource waited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Waited => waited.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            waited.TrySetResult();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
