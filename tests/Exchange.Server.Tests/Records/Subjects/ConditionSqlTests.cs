using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Search;
using Exchange.Policy.Conditions;
using Exchange.Server.Records.Subjects;

namespace Exchange.Server.Tests.Records.Subjects;

public sealed class ConditionSqlTests(SubjectFixture fixture) : IClassFixture<SubjectFixture>
{
    private const int Rows = 300;
    private const int Conditions = 2_500;

    [Fact]
    public async Task A_condition_selects_in_the_database_exactly_the_rows_it_holds_for_in_memory()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new RandomRows(seed);
        var resource = SubjectFixture.Resource("random_rows", 1, SubjectFixture.EveryType);
        await fixture.Tables.EnsureAsync(resource, CancellationToken.None);
        var table = SubjectTable.Of(resource);
        var rows = await InsertAsync(table, random);
        AttributeRef[] attributes =
            [.. resource.Fields.Select(field => new AttributeRef(field.Name, field.Number, field.Type)), .. SystemAttributes.All];

        var held = 0;
        var supersets = 0;
        for (var round = 0; round < Conditions; round++)
        {
            var condition = random.Condition(attributes, depth: 4);
            condition = round % 2 is 0 ? condition : ConditionForm.Simplify(condition);
            var match = SearchTokens.CreateMatcher();
            var (inDatabase, isSuperset) = await SelectAsync(table, condition);
            var inMemory = Enumerable.Range(0, Rows).Where(row => ConditionEvaluator.Holds(condition, rows[row], match)).ToList();
            if (isSuperset)
            {
                supersets++;
                inDatabase = inDatabase.FindAll(row => ConditionEvaluator.Holds(condition, rows[row], match));
            }

            Assert.True(inDatabase.SequenceEqual(inMemory), $"seed {seed}, round {round}: `{condition}` differs");
            held += inMemory.Count;
        }

        Assert.InRange(supersets, 1, Conditions / 2);
        Assert.InRange(held, Conditions * Rows / 10, Conditions * Rows * 9 / 10);
    }

    private async Task<(List<int> Rows, bool IsSuperset)> SelectAsync(SubjectTable table, Condition condition)
    {
        var sql = new SubjectSql().Append($"SELECT source_id::int FROM {SubjectTable.Schema}.{table.Name} WHERE ");
        var isSuperset = ConditionSql.Append(sql, table, condition);
        sql.Append($" ORDER BY 1");
        await using var connection = await fixture.Database.OpenConnectionAsync();
        await using var command = sql.ToCommand(connection);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<int>();
        while (await reader.ReadAsync())
        {
            found.Add(reader.GetInt32(0));
        }

        return (found, isSuperset);
    }

    private async Task<Row[]> InsertAsync(SubjectTable table, RandomRows random)
    {
        var all = Enumerable.Range(0, table.Columns.Length).ToImmutableArray();
        var inserted = new SubjectRows(table, all, withLexemes: true);
        var rows = new Row[Rows];
        var time = random.Value(FieldType.Timestamp);
        for (var index = 0; index < Rows; index++)
        {
            var opener = random.Value(FieldType.Text).AsText;
            var values = random.Row(table.Resource);
            rows[index] = new Row(table.Resource, values, opener, $"{index}", time);
            inserted.Add(new SubjectRowHead(index % 2 is 0 ? 8 : 1, Guid.CreateVersion7(), index + 1, 1, index + 1, time.AsTimestamp, opener, "forum", $"{index}", null), Lexemes(table.Resource, values), values);
        }

        await fixture.ExecuteAsync(inserted.Insert());
        return rows;
    }

    private static string? Lexemes(ResourceDefinition resource, FieldValue[] values) =>
        resource.Fields.Index().FirstOrDefault(item => item.Item.Searchable) is var (index, field) && !values[index].IsMissing
            ? string.Join('\n', SearchTokens.Lexemes(field.Number, values[index].AsText))
            : null;

    private readonly struct Row(ResourceDefinition resource, FieldValue[] values, string opener, string sourceId, FieldValue time) : IRow
    {
        public FieldValue Get(int number) => number switch
        {
            -1 => FieldValue.Text(opener),
            -2 => FieldValue.Text("forum"),
            -3 => FieldValue.Text(sourceId),
            -4 or -5 => time,
            _ => values[resource.IndexOf(number)],
        };
    }
}
