using System.IO.Compression;
using System.Text;
using Exchange.Clients.Files;
using Exchange.Clients.Tests.Support;

namespace Exchange.Clients.Tests.Files;

public sealed class CsvRowReaderTests
{
    private static readonly RowFormat _csv = new() { Kind = FileKind.Csv };

    [Fact]
    public async Task Quoted_cells_hold_delimiters_line_ends_and_doubled_quotes()
    {
        var rows = await Rows.OfCsv("id,text,end\n1,\"a, \"\"b\"\"\nc\",x\r\n\n2,,\"\"\n3,6\" pipe,y", "id", "text", "end");

        Assert.Equal(["1|a, \"b\"\nc|x", "2||", "3|6\" pipe|y"], rows);
    }

    [Fact]
    public async Task A_byte_order_mark_and_columns_in_another_order_do_not_matter()
    {
        var rows = await Rows.OfCsv("\uFEFFb,a\n1,2\n", "a", "b");

        Assert.Equal(["2|1"], rows);
    }

    [Fact]
    public async Task A_row_with_broken_quoting_costs_that_row_only()
    {
        var rows = await Rows.OfCsv("id,text\n1,\"good\"\n2,\"broken\" here\n3,\"good\"\n4,\"never closed\n5,good\n6,\"good\"\n", "id", "text");

        Assert.Equal(["1|good", "!BROKEN_QUOTING@text", "3|good", "!BROKEN_QUOTING@text", "5|good", "6|good"], rows);
    }

    [Fact]
    public async Task A_quote_open_to_the_end_of_the_file_costs_that_row_only()
    {
        var rows = await Rows.OfCsv("id,text\n1,\"open\n2,b\n3,c", "id", "text");

        Assert.Equal(["!BROKEN_QUOTING@text", "2|b", "3|c"], rows);
    }

    [Fact]
    public async Task Rows_with_too_few_or_too_many_cells_are_bad_rows()
    {
        var rows = await Rows.OfCsv("a,b\n1\n1,2,3\n1,2\n", "a", "b");

        Assert.Equal(["!WRONG_COLUMN_COUNT@", "!WRONG_COLUMN_COUNT@", "1|2"], rows);
    }

    [Fact]
    public async Task A_ten_megabyte_cell_is_one_bad_row_and_is_not_kept_in_memory()
    {
        var format = _csv with { MaxCellBytes = 64 * 1024 };
        var big = new string('x', 10 << 20);
        var bytes = Encoding.UTF8.GetBytes($"id,text,end\n1,a,b\n2,\"{big}\",\"c\"\n3,{big},d\n4,\"e\",f\n");
        await Rows.OfAsync(bytes, format, ["id", "text"]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var rows = await Rows.OfAsync(bytes, format, ["id", "text"], step: 4096);

        Assert.Equal(["1|a", "!CELL_TOO_LARGE@text", "!CELL_TOO_LARGE@text", "4|e"], rows);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2 << 20, "the cell was kept");
    }

    [Fact]
    public async Task An_unclosed_quote_beyond_the_bound_is_told_with_the_lines_it_took()
    {
        var format = _csv with { MaxCellBytes = 1024 };
        var text = new StringBuilder("id,text\n1,\"open\n");
        for (var i = 0; i < 200; i++)
        {
            text.Append(i).Append(",plain plain plain\n");
        }

        await using var reader = await RowFile.OpenAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(text.ToString())), format, [new("id", false)], TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));

        Assert.Equal("CELL_TOO_LARGE", reader.Problem?.Reason);
        Assert.Contains("never closed", reader.Problem!.Message);
        Assert.Contains("the 201 lines", reader.Problem.Message);
        Assert.False(await reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_spoil_their_cell_only()
    {
        var bytes = Encoding.Latin1.GetBytes("id,text\n1,caf\u00e9\n2,cafe\n");

        Assert.Equal(["1|!INVALID_ENCODING@text", "2|cafe"], await Rows.OfAsync(bytes, _csv, ["id", "text"]));
    }

    [Fact]
    public async Task Another_encoding_can_be_stated()
    {
        var gb = CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!.GetBytes("编号,标题\n1,小区漏水\n");

        Assert.Equal(["1|小区漏水"], await Rows.OfAsync(gb, _csv with { Encoding = "gb18030" }, ["编号", "标题"]));
        var refused = await Assert.ThrowsAsync<SourceFileException>(() => Rows.OfAsync(gb, _csv, ["编号"]));
        Assert.Equal("WRONG_ENCODING", refused.Reason);
    }

    [Fact]
    public async Task Utf16_is_read_when_stated_and_refused_as_a_whole_when_not()
    {
        byte[] bytes = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("a,b\n1,二\n")];

        Assert.Equal(["1|二"], await Rows.OfAsync(bytes, _csv with { Encoding = "utf-16" }, ["a", "b"]));
        Assert.Equal("WRONG_ENCODING", (await Assert.ThrowsAsync<SourceFileException>(() => Rows.OfAsync(bytes, _csv, ["a"]))).Reason);
    }

    [Fact]
    public async Task A_file_without_a_mapped_column_is_refused_as_a_whole()
    {
        var refused = await Assert.ThrowsAsync<SourceFileException>(() => Rows.OfCsv("id,titel\n1,a\n", "id", "title", "status"));

        Assert.Equal("MISSING_COLUMNS", refused.Reason);
        Assert.Contains("`title`, `status`", refused.Message);
        Assert.Contains("`titel`", refused.Message);
    }

    [Fact]
    public async Task An_empty_file_and_an_ambiguous_header_are_refused()
    {
        Assert.Equal("EMPTY_FILE", (await Assert.ThrowsAsync<SourceFileException>(() => Rows.OfCsv("", "id"))).Reason);
        Assert.Equal("MISSING_COLUMNS", (await Assert.ThrowsAsync<SourceFileException>(() => Rows.OfCsv("id,id\n1,2\n", "id"))).Reason);
    }

    [Fact]
    public async Task Gzip_is_unpacked_and_a_cut_file_is_noticed()
    {
        var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("id\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i * 7919 % 100_003}\n"))), TestContext.Current.CancellationToken);
        }

        var whole = packed.ToArray();

        Assert.Equal(20_000, (await Rows.OfAsync(whole, _csv, ["id"])).Count);
        var cut = await Assert.ThrowsAsync<SourceFileException>(() => Rows.OfAsync(whole[..(whole.Length / 2)], _csv, ["id"]));
        Assert.Equal("TRUNCATED_FILE", cut.Reason);
        whole[whole.Length / 2] ^= 0xff;
        await Assert.ThrowsAsync<SourceFileException>(() => Rows.OfAsync(whole, _csv, ["id"]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public async Task Gzip_members_in_a_row_are_one_file_and_a_cut_one_is_noticed(int step)
    {
        byte[] members = [.. Pack("id\n1\n"u8), .. Pack([]), .. Pack("2\n3\n"u8), .. Pack("4\n"u8)];

        Assert.Equal(["1", "2", "3", "4"], await Rows.OfAsync(members, _csv, ["id"], step));
        foreach (var cut in new[] { 1, 8, 20 })
        {
            var refused = await Assert.ThrowsAsync<SourceFileException>(() => Rows.OfAsync(members[..^cut], _csv, ["id"], step));
            Assert.Equal("TRUNCATED_FILE", refused.Reason);
        }

        await Assert.ThrowsAsync<SourceFileException>(() => Rows.OfAsync([.. members, .. "behind the end"u8], _csv, ["id"], step));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public async Task What_looks_like_a_gzip_header_inside_of_packed_bytes_is_none(int step)
    {
        // Stored, not compressed, so that the inner file's headers stand in the packed bytes as they are.
        byte[] inner = [.. Pack("a"u8), 0x1f, 0x8b, 8, .. Pack(new byte[100_000]), 0x1f, 0x8b];
        byte[] packed = [.. Pack(inner, CompressionLevel.NoCompression), .. Pack("b"u8)];
        await using var input = new GzipInput(new TrickleStream(packed, step));
        var unpacked = new MemoryStream();

        await input.CopyToAsync(unpacked, TestContext.Current.CancellationToken);

        Assert.Equal([.. inner, (byte)'b'], unpacked.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(17)]
    public async Task However_the_bytes_arrive_the_rows_are_the_same(int step)
    {
        var random = new Random(5);
        string[] pieces = ["a", "字", "\"\"", ",", "\n", "\r\n", " ", "long text"];
        var text = new StringBuilder("x,y\n");
        for (var i = 0; i < 300; i++)
        {
            var cell = string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => pieces[random.Next(pieces.Length)]));
            text.Append(i).Append(",\"").Append(cell).Append('"').Append(random.Next(10) == 0 ? "broken" : "").Append(random.Next(2) == 0 ? "\n" : "\r\n");
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());

        Assert.Equal(await Rows.OfAsync(bytes, _csv, ["x", "y"]), await Rows.OfAsync(bytes, _csv, ["x", "y"], step));
    }

    [Fact]
    public async Task Rows_after_bad_ones_are_told_with_their_own_row_and_line()
    {
        var big = new string('x', 5000);
        var text = $"id,text\n1,\"two\nlines\"\n2,\"broken\" here\n3,\"never closed\n4,good\n5,\"{big}\n{big}\"\n6,good\n7\n8,\"two\r\nlines\"\r\n\n9,good\n";
        await using var reader = await RowFile.OpenAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(text)), _csv with { MaxCellBytes = 1024 }, [new("id", false)], TestContext.Current.CancellationToken);
        var places = new List<string>();

        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            places.Add($"{reader.Row}@{reader.Line}{(reader.Problem is { } problem ? " " + problem.Reason : "")}");
        }

        Assert.Equal(
            [
                "1@2", "2@4 BROKEN_QUOTING", "3@5 BROKEN_QUOTING", "4@6", "5@7 CELL_TOO_LARGE", "6@9", "7@10 WRONG_COLUMN_COUNT", "8@11", "9@14",
            ],
            places);
    }

    private static byte[] Pack(ReadOnlySpan<byte> bytes, CompressionLevel level = CompressionLevel.Fastest)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, level, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
