using System.Globalization;
using Exchange.EventStore.Appending;
using Exchange.Testing;
using Npgsql;

namespace Exchange.EventStore.Tests.Appending;

public sealed class CopyRowsTests : IAsyncLifetime
{
    private NpgsqlDataSource? database;

    private NpgsqlDataSource Database => database ?? throw new InvalidOperationException("not initialised");

    public async ValueTask InitializeAsync() => database = NpgsqlDataSource.Create(await TestPostgres.CreateDatabaseAsync("copy_rows"));

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task Every_type_arrives_as_it_was_given()
    {
        await ExecuteAsync("CREATE TABLE t (a int, b bigint, c boolean, d double precision, e uuid, f bytea, g text, h jsonb, i numeric, j text[], k tsvector, l timestamptz, m date)");
        using var rows = new CopyRows();
        rows.BeginRow(13);
        rows.Int32(-7);
        rows.Int64(long.MinValue);
        rows.Boolean(true);
        rows.Double(-0.125);
        rows.Uuid(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"));
        rows.Bytes([0, 1, 255]);
        rows.Text("噪音 \"'\\ 𠮷");
        rows.Json("""{"b": 2, "a": 1}""");
        rows.Numeric(-12.50m);
        rows.TextArray(["a,b", "", "NULL", "\"{}"]);
        rows.Lexemes(["7/噪音", "7/a", "12/z"]);
        rows.Timestamp(new DateTime(1999, 12, 31, 23, 59, 59, DateTimeKind.Utc).AddTicks(9));
        rows.Int32(-1);
        rows.BeginRow(13);
        for (var column = 0; column < 13; column++)
        {
            rows.Null();
        }

        await CopyAsync("COPY t FROM STDIN (FORMAT BINARY)", rows);

        Assert.Equal(2, rows.Count);
        Assert.Equal(
            """-7|-9223372036854775808|t|-0.125|00112233-4455-6677-8899-aabbccddeeff|\x0001ff|噪音 "'\ 𠮷|{"a": 1, "b": 2}|-12.50|{"a,b","","NULL","\"{}"}|'12/z' '7/a' '7/噪音'|1999-12-31 23:59:59+00|1999-12-31""",
            await ScalarAsync("SET timezone = 'UTC'; SELECT concat_ws('|', a, b, c, d, e, f, g, h, i, j, k, l, m) FROM t WHERE a IS NOT NULL"));
        Assert.Equal("1", await ScalarAsync("SELECT count(*)::text FROM t WHERE num_nonnulls(a, b, c, d, e, f, g, h, i, j, k, l, m) = 0"));
    }

    [Fact]
    public async Task Numbers_keep_their_value_and_their_digits_after_the_point()
    {
        var random = new Random(3);
        decimal[] given =
        [
            0m, 0.00m, 1m, -1m, 9_999m, 10_000m, 10_001m, 0.1m, 0.0001m, 0.00001m, 123_456_789.987654321m, decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m,
            .. Enumerable.Range(0, 500).Select(_ => new decimal(random.Next(), random.Next(), random.Next(4), random.Next(2) is 0, (byte)random.Next(29))),
        ];
        await ExecuteAsync("CREATE TABLE n (place int, value numeric)");
        using var rows = new CopyRows();
        foreach (var (place, value) in given.Index())
        {
            rows.BeginRow(2);
            rows.Int32(place);
            rows.Numeric(value);
        }

        await CopyAsync("COPY n FROM STDIN (FORMAT BINARY)", rows);

        Assert.Equal(
            string.Join(' ', given.Select(value => value is 0 ? Math.Abs(value).ToString(CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture))),
            await ScalarAsync("SELECT string_agg(value::text, ' ' ORDER BY place) FROM n"));
    }

    [Fact]
    public async Task Rows_longer_than_a_piece_come_whole()
    {
        await ExecuteAsync("CREATE TABLE long (place int, note text)");
        using var rows = new CopyRows();
        for (var place = 0; place < 40; place++)
        {
            rows.BeginRow(2);
            rows.Int32(place);
            rows.Text(new string((char)('a' + (place % 26)), place * 5_000));
        }

        await CopyAsync("COPY long (place, note) FROM STDIN (FORMAT BINARY)", rows);

        await using var command = Database.CreateCommand(
            "SELECT count(*) FROM long WHERE note = repeat(chr(97 + place % 26), place * 5000)");
        Assert.Equal(40L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public void Nothing_is_added_after_the_end()
    {
        using var rows = new CopyRows();
        rows.End();

        Assert.Throws<ObjectDisposedException>(() => rows.BeginRow(1));
    }

    private async Task CopyAsync(string statement, CopyRows rows)
    {
        await using var connection = await Database.OpenConnectionAsync();
        await using var target = await connection.BeginRawBinaryCopyAsync(statement, CancellationToken.None);
        foreach (var piece in rows.End())
        {
            await target.WriteAsync(piece, CancellationToken.None);
        }
    }

    private async Task ExecuteAsync(string statement)
    {
        await using var command = Database.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string> ScalarAsync(string query)
    {
        await using var command = Database.CreateCommand(query);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
