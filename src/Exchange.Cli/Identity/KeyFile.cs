using Exchange.Clients.Identity;

namespace Exchange.Cli.Identity;

/// <summary>Writes private keys so that only their owner can read them.</summary>
internal static class KeyFile
{
    /// <summary>Writes a new file; refuses to replace one.</summary>
    public static void Write(string path, ClientKey key)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.Write(key.ToPem());
    }
}
