using Exchange.Clients.Mapping;
using Exchange.Clients.Tests.Support;
using Exchange.Testing;
using Exchange.Protos.V1;

namespace Exchange.Clients.Tests.Mapping;

[Collection(MemoryCollection.Name)]
public sealed class BostonFileTests
{
    [Fact]
    public async Task Every_boston_row_becomes_a_record_and_every_doubt_is_counted()
    {
        var file = Repository.Shared("boston-311-2015/boston_311_2015_jan_sep.csv.gz");
        var mapper = Complaint.CompileSample("boston-311.yaml", Path.GetFileName(file));
        var statistics = new MappingStatistics();
        var (handled, placed, peak, before) = (0, 0, 0L, GC.GetTotalMemory(true));
        await foreach (var row in mapper.ReadAsync(file, statistics, TestContext.Current.CancellationToken))
        {
            Assert.Empty(row.Problems);
            handled += row.Parts[2] is null ? 0 : 1;
            placed += row.Parts[1]?.Record.Values[0].KindCase is Value.KindOneofCase.Point ? 1 : 0;
            if (row.Row % 20_000 == 0)
            {
                peak = Math.Max(peak, GC.GetTotalMemory(true) - before);
            }
        }

        Assert.Equal((92_002L, 92_002L, 92_002), (statistics.Rows, statistics.Mapped, handled));
        Assert.Equal(92_002 - 11_467, placed);
        Assert.Equal(176, statistics.Warnings["CLOSED_BEFORE_OPENED"]);
        Assert.Equal(1, statistics.Warnings["DEPARTMENT_DEFAULTED"]);
        Assert.Equal(176, statistics.Warnings["TEXT_DAMAGED"]);
        Assert.Equal(11_467, statistics.Warnings["NOT_GEOCODED"]);
        Assert.True(peak < 24 << 20, $"{peak} bytes are kept while reading");
    }
}
