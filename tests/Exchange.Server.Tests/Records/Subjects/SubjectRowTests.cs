using Exchange.Policy.Conditions;
using Exchange.Server.Records.Subjects;

namespace Exchange.Server.Tests.Records.Subjects;

public sealed class SubjectRowTests(SubjectFixture fixture) : IClassFixture<SubjectFixture>
{
    [Fact]
    public async Task Every_value_comes_out_of_a_rows_bytes_as_it_was_stored()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var values = new RandomRows(seed);
        var random = new Random(seed);
        var resource = SubjectFixture.Resource("whole_rows", 1, SubjectFixture.EveryType);
        var table = SubjectTable.Of(resource);
        await fixture.Tables.EnsureAsync(resource, CancellationToken.None);
        var stored = new Dictionary<Guid, FieldValue[]>();
        var inserted = new SubjectRows(table, [.. Enumerable.Range(0, table.Columns.Length)], withLexemes: false);
        for (var version = 1; version <= 400; version++)
        {
            var (id, row) = (Guid.NewGuid(), values.Row(resource));
            row[1] = FieldValue.Integer(random.NextInt64(long.MinValue, long.MaxValue));
            row[2] = FieldValue.Decimal(Decimal(random));

            // Longer than what a row's buffer holds at first, and than what it keeps; short ones come after them.
            row[9] = version % 40 is 0 ? FieldValue.Text(new string('噪', random.Next(1_000, 300_000))) : row[9];
            stored.Add(id, row);
            inserted.Add(new SubjectRowHead(8, id, version, version, version, 0, "centre", "forum", $"{version}", null), null, row);
        }

        await fixture.ExecuteAsync(inserted.Insert());

        Assert.Equal(stored.Count, await CompareAsync(table, stored));
    }

    [Fact]
    public async Task A_number_that_no_decimal_holds_is_a_fault()
    {
        await using var command = fixture.Database.CreateCommand("SELECT record_send(ROW(repeat('9', 30)::numeric))");
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        var row = new SubjectRow(1);
        row.Load(reader);

        Assert.Throws<OverflowException>(() => row.Value(0, FieldType.Decimal));
    }

    private async Task<int> CompareAsync(SubjectTable table, Dictionary<Guid, FieldValue[]> stored)
    {
        var sql = new SubjectSql().Append($"SELECT record_send(ROW(record_id, version");
        foreach (var (name, _) in table.Columns.SelectMany(column => column.Definitions))
        {
            sql.Append($", {name}");
        }

        sql.Append($")) FROM {SubjectTable.Schema}.{table.Name} ORDER BY version");
        await using var connection = await fixture.Database.OpenConnectionAsync();
        await using var command = sql.ToCommand(connection);
        await using var reader = await command.ExecuteReaderAsync();
        var row = new SubjectRow(2 + table.Columns.Sum(column => column.Width));
        var seen = 0;
        while (await reader.ReadAsync())
        {
            row.Load(reader);
            var expected = stored[row.Uuid(0)];
            Assert.Equal(++seen, row.Int64(1));
            var ordinal = 2;
            for (var index = 0; index < table.Columns.Length; index++)
            {
                var type = table.Columns[index].Field.Type;
                var value = row.Value(ordinal, table.Columns[index]);
                Assert.True(expected[index] == value, $"field of type {type} differs");
                Assert.Equal(expected[index] is { Type: FieldType.Decimal, AsDecimal.Scale: var scale } ? scale : null, value is { Type: FieldType.Decimal, AsDecimal.Scale: var read } ? read : (byte?)null);
                ordinal += table.Columns[index].Width;
            }
        }

        return seen;
    }

    private static decimal Decimal(Random random)
    {
        var scale = (byte)random.Next(29);
        return random.Next(4) switch
        {
            0 => new decimal(random.Next(), random.Next(), random.Next(), random.Next(2) is 0, scale),
            1 => new decimal(random.Next(20_000), 0, 0, random.Next(2) is 0, scale),
            2 => new decimal(random.NextInt64()) * 10_000m,
            _ => new decimal(0, 0, 0, false, scale),
        };
    }
}
