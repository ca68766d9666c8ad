using System.Text;
using Exchange.Clients.Files;
using Exchange.Clients.Tests.Support;

namespace Exchange.Clients.Tests.Files;

public sealed class JsonRowReaderTests
{
    [Fact]
    public async Task Objects_a_line_give_rows_and_a_bad_line_costs_itself()
    {
        var rows = await Rows.OfJson("{\"id\":1,\"a\":{\"b\":[\"x\",\"y\"]}}\n\n{\"id\":\n{\"id\":3,\"a\":null,\"c\":true}\n[1]\n{\"id\":\"5\"}", "id", "a.b", "a.b.1");

        Assert.Equal(["1|[x;y]|y", "!INVALID_JSON@", "3||", "!INVALID_JSON@", "5||"], rows);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task An_array_of_objects_gives_rows(int step)
    {
        const string Text = " [ {\"id\":\"a]}\\\"\",\"n\":{\"m\":[1,{}]}} ,\n{\"id\":2.50}, 7, {\"id\":[]} , {\"id\" 5}, {\"id\":6}] ";

        var rows = await Rows.OfAsync(Encoding.UTF8.GetBytes(Text), new RowFormat { Kind = FileKind.Json }, ["id"], step);

        Assert.Equal(["a]}\"", "2.50", "!INVALID_JSON@", "", "!INVALID_JSON@", "6"], rows);
    }

    [Fact]
    public async Task A_cut_array_is_noticed()
    {
        var cut = await Assert.ThrowsAsync<SourceFileException>(() => Rows.OfJson("[{\"id\":1},{\"id\":2}", "id"));

        Assert.Equal("TRUNCATED_FILE", cut.Reason);
    }

    [Fact]
    public async Task A_ten_megabyte_text_is_one_bad_row()
    {
        var format = new RowFormat { Kind = FileKind.Json, MaxCellBytes = 64 * 1024 };
        var big = new string('x', 10 << 20);
        var medium = new string('y', 100 * 1024);

        var lines = await Rows.OfAsync(Encoding.UTF8.GetBytes($"{{\"id\":\"{big}\"}}\n{{\"id\":\"{medium}\"}}\n{{\"id\":2}}\n"), format, ["id"], 4096);
        var array = await Rows.OfAsync(Encoding.UTF8.GetBytes($"[{{\"id\":\"{big}\"}},{{\"id\":2}}]"), format, ["id"], 4096);

        Assert.Equal(["!ROW_TOO_LARGE@", "!CELL_TOO_LARGE@id", "2"], lines);
        Assert.Equal(["!ROW_TOO_LARGE@", "2"], array);
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_and_broken_surrogates_spoil_their_cell_only()
    {
        byte[] bytes = [.. "{\"id\":\"caf"u8, 0xe9, .. "\",\"b\":1}\n{\"id\":\"\\ud800\",\"b\":2}\n{\"id\":\"\\u0000\",\"b\":3}"u8];

        var rows = await Rows.OfAsync(bytes, new RowFormat { Kind = FileKind.Json }, ["id", "b"]);

        Assert.Equal(["!INVALID_ENCODING@id|1", "!INVALID_ENCODING@id|2", "!INVALID_CHARACTER@id|3"], rows);
    }
}
