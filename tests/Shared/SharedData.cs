namespace Exchange.Testing;

/// <summary>Files that lie beside the checkout and are not part of it.</summary>
public static class SharedData
{
    /// <summary>Full path of a file under `../shared`, seen from the checkout; null when it is not there. Tests that need it skip then.</summary>
    public static string? Find(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DataExchange.sln")))
            {
                var file = Path.Combine(folder.FullName, "..", "shared", path);
                return File.Exists(file) ? Path.GetFullPath(file) : null;
            }
        }

        return null;
    }
}
