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
}
