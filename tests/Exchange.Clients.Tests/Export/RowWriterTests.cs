using System.Text;
using Exchange.Clients.Export;
using Exchange.Clients.Files;
using Exchange.Protos.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Exchange.Clients.Tests.Export;

public sealed class RowWriterTests
{
    private static readonly Guid _id = new("00112233-4455-6677-8899-aabbccddeeff");

    private static readonly Column[] _columns =
        [.. new[] { "title", "votes", "cost", "open", "day", "at", "place", "tags", "gone" }.Select(f => new Column { Field = f })];

    private static readonly Exchange.Protos.V1.Value[] _values =
    [
        new() { Text = "=1+1, \"漏水\"" }, new() { Integer = -5 }, new() { Decimal = "-12.50" }, new() { Boolean = true }, new() { Date = 19782 },
        new() { Timestamp = Timestamp.FromDateTimeOffset(new DateTimeOffset(2024, 2, 29, 8, 30, 0, 250, TimeSpan.Zero)) },
        new() { Point = new Point { Latitude = 42.5, Longitude = -71 } }, new() { TextList = new TextList { Values = { "a", "b,c" } } }, new(),
    ];

    [Fact]
    public async Task What_a_source_has_for_a_code_stands_behind_it_in_json()
    {
        var stream = new MemoryStream();
        Column[] columns = [new() { Field = "kind" }, new() { Field = "area" }];
        await using (var writer = new RowWriter(stream, OutputFormat.JsonLines, false))
        {
            var row = new RecordRow { RecordId = ByteString.CopyFrom(new byte[16]), Version = 1, Values = { new Exchange.Protos.V1.Value { Code = "noise", SourceCode = "07", CodeSystem = "city-a" }, new Exchange.Protos.V1.Value { Code = "north" } } };
            await writer.WriteAsync(new RecordBatch { Rows = { row } }, columns, TestContext.Current.CancellationToken);
        }

        Assert.EndsWith("\"kind\":\"noise\",\"kind$source\":\"city-a/07\",\"area\":\"north\"}\n", Encoding.UTF8.GetString(stream.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rows.jsonl.gz")]
    [InlineData("rows.jsonl")]
    public async Task What_was_sent_to_the_disk_is_a_whole_file_while_it_is_still_written_to(string name)
    {
        var folder = Directory.CreateTempSubdirectory("exchange-rows-").FullName;
        var path = Path.Combine(folder, name);
        await using (var writer = new RowWriter(OutputFile.Open(path), OutputFormat.JsonLines, false))
        {
            for (var batch = 1; batch <= 3; batch++)
            {
                await RowsAsync(writer);
                await writer.ToDiskAsync(TestContext.Current.CancellationToken);

                var copy = await ReadSharedAsync(path);
                Assert.Equal(batch, (await Support.Rows.OfAsync(copy, new RowFormat { Kind = FileKind.Json }, ["title"])).Count);
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("rows.jsonl.gz")]
    [InlineData("rows.jsonl")]
    [InlineData("rows.csv")]
    public async Task A_file_whose_writer_was_cut_off_goes_on_after_its_last_whole_row(string name)
    {
        var folder = Directory.CreateTempSubdirectory("exchange-rows-").FullName;
        var path = Path.Combine(folder, name);
        var format = OutputFile.Format(path, OutputFormat.Unspecified);
        await using (var writer = new RowWriter(OutputFile.Open(path), format, false))
        {
            await RowsAsync(writer);
            await writer.ToDiskAsync(TestContext.Current.CancellationToken);
        }

        var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        byte[] half = name == "rows.csv" ? "1,\"two\nlines"u8.ToArray() : whole[..^9];
        await File.WriteAllBytesAsync(path, [.. whole, .. half], TestContext.Current.CancellationToken);
        await using (var writer = new RowWriter(await OutputFile.OpenToGoOnAsync(path, format, TestContext.Current.CancellationToken), format, false))
        {
            await RowsAsync(writer);
        }

        byte[] twice = [.. whole, .. whole];
        Assert.Equal(twice, await ReadSharedAsync(path));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_packed_file_of_nothing_can_be_unpacked()
    {
        var folder = Directory.CreateTempSubdirectory("exchange-rows-").FullName;
        var path = Path.Combine(folder, "rows.jsonl.gz");

        await using (new RowWriter(OutputFile.Open(path), OutputFormat.JsonLines, false))
        {
            // Nothing to write.
        }

        Assert.NotEmpty(await ReadSharedAsync(path));
        Assert.Empty(await Support.Rows.OfAsync(await ReadSharedAsync(path), new RowFormat { Kind = FileKind.Json }, ["title"]));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Rows_are_written_as_json_lines()
    {
        var text = await WriteAsync(OutputFormat.JsonLines, false, RowsAsync);

        Assert.Equal(
            """{"_record_id":"00112233-4455-6677-8899-aabbccddeeff","_version":3,"title":"=1+1, \"漏水\"","votes":-5,"cost":-12.50,"open":true,"day":"2024-02-29","at":"2024-02-29T08:30:00.25Z","place":{"latitude":42.5,"longitude":-71},"tags":["a","b,c"],"gone":null}""" + "\n",
            text);
    }

    [Fact]
    public async Task Rows_are_written_as_csv_with_a_header()
    {
        var text = await WriteAsync(OutputFormat.Csv, false, RowsAsync);

        Assert.Equal(
            "_record_id,_version,title,votes,cost,open,day,at,place,tags,gone\n"
            + "00112233-4455-6677-8899-aabbccddeeff,3,\"=1+1, \"\"漏水\"\"\",-5,-12.50,true,2024-02-29,2024-02-29T08:30:00.25Z,\"42.5,-71\",\"[\"\"a\"\",\"\"b,c\"\"]\",\n",
            text);
    }

    [Fact]
    public async Task Formulas_are_harmless_for_spreadsheets_and_numbers_stay_numbers()
    {
        var text = await WriteAsync(OutputFormat.Csv, true, RowsAsync);

        Assert.Contains(",\"'=1+1, \"\"漏水\"\"\",-5,-12.50,", text);
    }

    [Fact]
    public async Task Changes_tell_what_was_sent_what_was_withdrawn_and_what_was_left_out()
    {
        var change = new Change
        {
            Kind = ChangeKind.Changed, RecordId = ByteString.CopyFrom(_id.ToByteArray(bigEndian: true)), Partition = 7, Position = 9, Version = 2, Department = "housing",
            RecordTime = Timestamp.FromDateTimeOffset(new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.Zero)), Columns = { 1, 8 }, Values = { _values[1], _values[8] }, WithdrawnColumns = { 0 }, OmittedColumns = { 2, 7 },
        };
        Task Changes(RowWriter writer) => writer.WriteAsync(new FeedBatch { Changes = { change } }, _columns, TestContext.Current.CancellationToken).AsTask();

        Assert.Equal(
            """{"_kind":"CHANGED","_record_id":"00112233-4455-6677-8899-aabbccddeeff","_version":2,"_partition":7,"_position":9,"_record_time":"2024-01-02T03:04:05Z","_department":"housing","_withdrawn":["title"],"_omitted":["cost","tags"],"votes":-5,"gone":null}""" + "\n",
            await WriteAsync(OutputFormat.JsonLines, false, Changes));
        Assert.Equal("CHANGED,00112233-4455-6677-8899-aabbccddeeff,2,7,9,2024-01-02T03:04:05Z,housing,votes gone,title,cost tags,,-5,,,,,,,\n", await WriteAsync(OutputFormat.Csv, false, Changes));
    }

    private static async Task RowsAsync(RowWriter writer)
    {
        await writer.BeginRowsAsync(_columns, TestContext.Current.CancellationToken);
        var row = new RecordRow { RecordId = ByteString.CopyFrom(_id.ToByteArray(bigEndian: true)), Version = 3, Values = { _values } };
        await writer.WriteAsync(new RecordBatch { Rows = { row } }, _columns, TestContext.Current.CancellationToken);
    }

    private static async Task<string> WriteAsync(OutputFormat format, bool forSpreadsheet, Func<RowWriter, Task> write)
    {
        var stream = new MemoryStream();
        await using (var writer = new RowWriter(stream, format, forSpreadsheet))
        {
            await write(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>As another process sees the file now.</summary>
    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new MemoryStream();
        await file.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        return bytes.ToArray();
    }
}
