using Exchange.EventStore.Migrations;
using Exchange.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Exchange.EventStore.Tests.Migrations;

public sealed class MigratorTests : IAsyncLifetime
{
    private string database = null!;

    public async ValueTask InitializeAsync() => database = await TestPostgres.CreateDatabaseAsync("migrator");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_second_start_changes_nothing()
    {
        await Migrator.ApplyAsync(database, [], TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var first = await StoreIdAsync();

        await Migrator.ApplyAsync(database, [], TimeProvider.System, NullLogger.Instance, CancellationToken.None);

        Assert.Equal(first, await StoreIdAsync());
    }

    [Fact]
    public async Task Ten_nodes_that_start_at_once_apply_each_file_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Migrator.ApplyAsync(database, [], TimeProvider.System, NullLogger.Instance, CancellationToken.None)));

        Assert.Equal(MigrationFile.ReadAll(MigrationSource.EventStore).Count, await ScalarAsync<long>("SELECT count(*) FROM log.migration"));
        Assert.Equal(37L, await ScalarAsync<long>("SELECT count(*) FROM log.log_partition"));
    }

    [Fact]
    public async Task Files_are_applied_in_order_of_number_and_only_new_ones()
    {
        await ApplyAsync(Sql("0002_second", "INSERT INTO kept VALUES (2)"), Sql("0001_first", "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)"));

        await ApplyAsync(Sql("0001_first", "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)"), Sql("0002_second", "INSERT INTO kept VALUES (2)"), Sql("0003_third", "INSERT INTO kept VALUES (3)"));

        Assert.Equal(6L, await ScalarAsync<long>("SELECT sum(n) FROM kept"));
    }

    [Fact]
    public async Task A_changed_missing_or_late_file_is_refused()
    {
        var (first, third) = (Sql("0001_first", "CREATE TABLE kept (n int)"), Sql("0003_third", "INSERT INTO kept VALUES (3)"));
        await ApplyAsync(first, third);

        var changed = await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(Sql("0001_first", "CREATE TABLE kept (n bigint)"), third));
        var missing = await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(first));
        var late = await Assert.ThrowsAsync<MigrationException>(() => ApplyAsync(first, Sql("0002_late", "SELECT 1"), third));

        Assert.Contains("was changed", changed.Message);
        Assert.Contains("newer version", missing.Message);
        Assert.Contains("lower number", late.Message);
    }

    [Fact]
    public async Task A_file_that_fails_leaves_nothing_and_is_tried_again()
    {
        var bad = Sql("0001_first", "CREATE TABLE kept (n int); INSERT INTO kept VALUES ('x')");

        await Assert.ThrowsAsync<PostgresException>(() => ApplyAsync(bad));
        await ApplyAsync(Sql("0001_first", "CREATE TABLE kept (n int)"));

        Assert.Equal(0L, await ScalarAsync<long>("SELECT count(*) FROM kept"));
    }

    [Fact]
    public async Task Line_ends_do_not_change_a_file()
    {
        await ApplyAsync(Sql("0001_first", "CREATE TABLE kept\n(n int)"));

        await ApplyAsync(Sql("0001_first", "CREATE TABLE kept\r\n(n int)"));
    }

    [Theory]
    [InlineData("first")]
    [InlineData("0000_zero")]
    [InlineData("x1_first")]
    public void A_file_without_a_number_is_refused(string name) => Assert.Throws<MigrationException>(() => MigrationFile.Parse(name, "SELECT 1"));

    [Fact]
    public async Task Every_constraint_and_index_of_the_log_is_named_by_its_columns()
    {
        await Migrator.ApplyAsync(database, [], TimeProvider.System, NullLogger.Instance, CancellationToken.None);

        Assert.Equal(0L, await ScalarAsync<long>("""
            SELECT count(*) FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.conrelid JOIN pg_namespace AS n ON n.oid = t.relnamespace
            WHERE n.nspname = 'log' AND (c.conname NOT LIKE t.relname || '%' OR c.conname !~ '_(pkey|key|fkey|check)$')
            """));
    }

    [Fact]
    public async Task Every_big_table_leads_its_keys_with_the_partition()
    {
        await Migrator.ApplyAsync(database, [], TimeProvider.System, NullLogger.Instance, CancellationToken.None);

        Assert.Equal(0L, await ScalarAsync<long>("""
            SELECT count(*) FROM pg_index AS i JOIN pg_class AS t ON t.oid = i.indrelid JOIN pg_namespace AS n ON n.oid = t.relnamespace
            JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
            WHERE n.nspname = 'log' AND t.relname IN ('log_partition', 'event', 'idempotency', 'data_key', 'projection_checkpoint') AND a.attname <> 'partition'
            """));
    }

    private Task ApplyAsync(params IReadOnlyList<MigrationFile> files) =>
        Migrator.ApplyFilesAsync(database, [("test", [.. files.OrderBy(file => file.Number)])], TimeProvider.System, NullLogger.Instance, CancellationToken.None);

    private static MigrationFile Sql(string name, string text) => MigrationFile.Parse(name, text);

    private Task<Guid> StoreIdAsync() => ScalarAsync<Guid>("SELECT store_id FROM log.store");

    private async Task<T> ScalarAsync<T>(string query)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(query, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
