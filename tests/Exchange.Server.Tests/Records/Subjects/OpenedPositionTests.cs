using Exchange.Protos.V1;
using Exchange.Server.Hosting;
using Exchange.Server.Tests.Records.Pull;
using Exchange.Server.Tests.Records.Push;
using Npgsql;

namespace Exchange.Server.Tests.Records.Subjects;

/// <summary>Where records were opened, which pulls go by.</summary>
public sealed class OpenedPositionTests(CityHub city) : IClassFixture<CityHub>
{
    private const string SelectWrong = """
        SELECT count(*) FROM subject.complaint s
        WHERE s.opened_position IS DISTINCT FROM (SELECT e.position FROM log.event e WHERE e.partition = s.partition AND e.stream_id = s.record_id AND e.version = 1)
        """;

    [Fact]
    public async Task A_row_tells_for_ever_where_its_record_was_opened_also_in_a_table_that_was_made_before()
    {
        // By COPY, by insert, and changed.
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), [.. Enumerable.Range(0, 400).Select(number => Pushed.Own($"many-{number}", Pushed.Text("a")))]);
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), [.. Enumerable.Range(0, 20).Select(number => Pushed.Own($"few-{number}", Pushed.Text("a")))]);
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), [.. Enumerable.Range(0, 120).Select(number => Pushed.Own($"many-{number}", Pushed.Text("b")))]);
        var before = await PullAsync();
        Assert.Equal((420L, 0L), (await CountAsync("SELECT count(*) FROM subject.complaint"), await CountAsync(SelectWrong)));

        // A table of somebody else's, in the hub's schema.
        await ExecuteAsync("CREATE TABLE subject.complaint_notes (partition int, note text)");

        // As a hub of an earlier version left it, with a field that has the new column's name, and with its names of indexes.
        var indexes = await IndexesAsync();
        foreach (var definition in indexes.Split('\n'))
        {
            var name = definition.Split('"')[1];
            var earlier = definition.Split(" WHERE ")[0].Replace('$', '_');
            await ExecuteAsync(definition.Contains("UNIQUE", StringComparison.Ordinal)
                ? $"ALTER INDEX subject.\"{name}\" RENAME TO {name.Replace('$', '_')}"
                : $"DROP INDEX subject.\"{name}\"; {earlier}");
        }

        await ExecuteAsync("ALTER TABLE subject.complaint DROP COLUMN opened_position; ALTER TABLE subject.complaint ADD COLUMN opened_position text; UPDATE subject.complaint SET opened_position = source_id");
        using (var file = new StreamReader(typeof(HubNode).Assembly.GetManifestResourceStream("Exchange.Server.Records.Migrations.0003_opened_position.sql")!))
        {
            await ExecuteAsync(await file.ReadToEndAsync());
        }

        Assert.Equal(0L, await CountAsync("SELECT count(*) FROM pg_attribute WHERE attrelid = 'subject.complaint_notes'::regclass AND attname = 'opened_position'"));
        Assert.Equal(0L, await CountAsync(SelectWrong));
        Assert.Equal(0L, await CountAsync("SELECT count(*) FROM subject.complaint WHERE opened_position$ IS DISTINCT FROM source_id"));
        Assert.Contains("complaint$opened_idx", indexes, StringComparison.Ordinal);
        Assert.Equal(indexes, await IndexesAsync());
        Assert.Equal(before, await PullAsync());
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), [Pushed.Own("later", Pushed.Text("c"))]);
        Assert.Equal(0L, await CountAsync(SelectWrong));
    }

    private async Task<List<RecordRow>> PullAsync() => [.. (await Pulled.AllOf(city.RecordsOf(City.Centre).Pull(new PullRequest
    {
        Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "title" },
    }))).Rows];

    private async Task<string> IndexesAsync()
    {
        await using var command = city.Database.CreateCommand("SELECT string_agg(indexdef, E'\n' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'subject' AND tablename = 'complaint'");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var command = city.Database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await city.Database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
