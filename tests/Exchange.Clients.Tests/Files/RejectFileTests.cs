using Exchange.Clients.Files;

namespace Exchange.Clients.Tests.Files;

public sealed class RejectFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("exchange-rejects-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_column_that_two_fields_take_is_named_once_a_row()
    {
        var path = Path.Combine(_folder, "rejects.csv");
        await using (var rejects = new RejectFile(path))
        {
            var problem = new RowProblem("door", "UNKNOWN_CODE", "add it to the mapping");
            await rejects.AddAsync(7, 8, [problem, problem, new RowProblem("opened", "INVALID_TIME", "fits no format")], CancellationToken.None);
            Assert.Equal(1, rejects.Rows);
        }

        Assert.Equal(
            ["row,line,column,reason,message", "7,8,door,UNKNOWN_CODE,add it to the mapping", "7,8,opened,INVALID_TIME,fits no format"],
            await File.ReadAllLinesAsync(path, CancellationToken.None));
    }

    [Fact]
    public async Task What_an_earlier_run_left_is_gone_when_the_next_one_has_no_rejects()
    {
        var path = Path.Combine(_folder, "rejects.csv");
        await File.WriteAllTextAsync(path, "row,line,column,reason,message\n1,2,,OLD,\n", CancellationToken.None);

        await using (var rejects = new RejectFile(path))
        {
            Assert.Equal(0, rejects.Rows);
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_row_that_comes_twice_counts_once()
    {
        await using var rejects = new RejectFile(Path.Combine(_folder, "rejects.csv"));

        await rejects.AddAsync(100, 101, [new RowProblem("", "TOO_LONG", "")], CancellationToken.None);
        await rejects.AddAsync(100, 101, [new RowProblem("", "UNKNOWN_CODE", "")], CancellationToken.None);

        Assert.Equal((1L, true, false), (rejects.Rows, rejects.Has(100), rejects.Has(99)));
        Assert.Equal([new("TOO_LONG", 1L)], rejects.ByReason);
    }
}
