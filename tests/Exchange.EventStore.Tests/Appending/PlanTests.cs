using Exchange.EventStore.Committing;
using Npgsql;

namespace Exchange.EventStore.Tests.Appending;

/// <summary>
/// The hot statements find their rows by key, also with a plan that was made while the tables were empty, or known to be small, and is used when they are large.
/// </summary>
public sealed class PlanTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("LockHeads", "log_partition_pkey", "(partition = ANY ($1))", "'{1,8}'")]
    [InlineData("SelectAnswers", "idempotency_", "((partition = u.partition) AND (key = u.key))", "'{1,8}', '{k,l}'")]
    [InlineData("SelectVersions", "event_partition_stream_id_version_key", "((partition = u.partition) AND (stream_id = u.stream_id))", "'{1,8}', NULL")]
    [InlineData("SelectKeys", "data_key_pkey", "((partition = u.partition) AND (stream_id = u.stream_id))", "'{1,8}', NULL")]
    [InlineData("UpdateHeads", "log_partition_pkey", "(partition = u.partition)", "'{1,8}', '{1,2}', NULL, NULL")]
    public Task Statements_over_many_partitions_use_their_index(string statement, string index, string condition, string values) =>
        AssertPlanAsync(AppendSql.Many, statement, index, condition, values);

    [Theory]
    [InlineData("LockHeads", "log_partition_pkey", "(partition = $1)", "8")]
    [InlineData("SelectAnswers", "idempotency_", "((partition = $1) AND (key = u.key))", "8, '{k,l}'")]
    [InlineData("SelectVersions", "event_partition_stream_id_version_key", "((partition = $1) AND (stream_id = u.stream_id))", "8, NULL")]
    [InlineData("SelectKeys", "data_key_pkey", "((partition = $1) AND (stream_id = u.stream_id))", "8, NULL")]
    [InlineData("UpdateHeads", "log_partition_pkey", "(partition = $1)", "8, '{1}', NULL, NULL")]
    [InlineData("InsertEvents", "log_partition_pkey", "(partition = $1)", "8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL")]
    public Task Statements_over_one_partition_use_their_index(string statement, string index, string condition, string values) =>
        AssertPlanAsync(AppendSql.One, statement, index, condition, values);

    private async Task AssertPlanAsync(AppendSql sql, string statement, string index, string condition, string values)
    {
        await using var store = await TestStore.CreateAsync("plan");
        var log = await store.OpenAsync();
        var text = (string)typeof(AppendSql).GetProperty(statement)!.GetValue(sql)!;
        await using var connection = await log.Connections.Writer.OpenConnectionAsync(CancellationToken.None);
        await RunAsync(connection, $"PREPARE looked_at AS {text}");
        foreach (var known in new[] { "nothing", "that they are small" })
        {
            var plan = await RunAsync(connection, $"EXPLAIN (COSTS OFF) EXECUTE looked_at({values})");

            output.WriteLine($"knowing {known}:\n{plan}");
            Assert.Contains(index, plan);
            var conditions = plan.Split('\n').Where(line => line.Contains("Index Cond:", StringComparison.Ordinal)).Select(line => line.Trim()).Distinct();
            Assert.Equal([$"Index Cond: {condition}"], conditions);
            Assert.DoesNotContain("Seq Scan", plan);
            Assert.DoesNotContain("Hash Join", plan);
            Assert.DoesNotContain("Merge Join", plan);
            await log.AppendAsync(Appends.Key("only"), Appends.Unit(8, Appends.Event(Guid.NewGuid())));
            await store.ExecuteAsync("ANALYZE log.event, log.idempotency, log.data_key, log.log_partition");
        }
    }

    private static async Task<string> RunAsync(NpgsqlConnection connection, string statement)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join('\n', lines);
    }
}
