namespace Exchange.Clients.Tests.Support;

/// <summary>Finds the checkout's files, and the shared data beside it where it is there.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Sample(string path) => Path.Combine(Root, "samples", path);

    public static string Shared(string path)
    {
        var full = Path.GetFullPath(Path.Combine(Root, "..", "shared", "data", path));
        if (!File.Exists(full))
        {
            Assert.Skip($"the data file {path} is not beside the checkout");
        }

        return full;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DataExchange.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("no DataExchange.sln above the tests");
    }
}
