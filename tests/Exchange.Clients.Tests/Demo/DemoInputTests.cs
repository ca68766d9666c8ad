using Exchange.Cli.Demo;
using Exchange.Cli.Terminal;
using Exchange.Clients.Tests.Support;

namespace Exchange.Clients.Tests.Demo;

public sealed class DemoInputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("exchange-input-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Of_a_folder_the_files_that_the_mapping_names_are_read_and_the_others_are_told()
    {
        foreach (var name in new[] { "README.md", "category_tree.csv.gz", "messages_votes.csv.gz", "messages_labelled.csv.gz" })
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, name), "", TestContext.Current.CancellationToken);
        }

        var input = await FindAsync(_folder);

        Assert.Equal(["messages_labelled.csv.gz", "messages_votes.csv.gz"], input.Files.Select(f => Path.GetFileName(f)));
        Assert.Equal(["README.md", "category_tree.csv.gz"], input.Skipped);
    }

    [Fact]
    public async Task A_folder_without_any_such_file_and_a_file_that_is_not_there_are_refused()
    {
        await Assert.ThrowsAsync<UsageException>(() => FindAsync(_folder));
        await Assert.ThrowsAsync<UsageException>(() => FindAsync(Path.Combine(_folder, "messages_votes.csv.gz")));
    }

    private static Task<DemoInput> FindAsync(string data) =>
        DemoInput.FindAsync([data], Repository.Sample("mappings/cn-petition.yaml"), "", Repository.Sample(""), TestContext.Current.CancellationToken);
}
