namespace Exchange.Server.Hosting;

/// <summary>Files that only the hub's account may read: keys.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = ~(OwnerOnly | UnixFileMode.UserExecute) & (UnixFileMode)0b111_111_111;

    /// <summary>Writes a file that is complete or not there at all, readable by the owner only; replaces one of that name.</summary>
    public static void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
        var fresh = $"{path}.{Environment.ProcessId}.new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var stream = new FileStream(fresh, options))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write(content);
            writer.Flush();
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Reads a key file. Throws <see cref="HubStartException"/> when it is not there, or when others may read it and that is not accepted.</summary>
    public static string Read(string path, IReadOnlySet<UnsafeSetting> accepted)
    {
        var complaints = new StartComplaints(accepted);
        var text = Read(path, complaints);
        complaints.ThrowIfAny();
        return text!;
    }

    /// <summary>Reads a key file. That it cannot be read, and that others may read it, are complaints; null when it cannot be read.</summary>
    public static string? Read(string path, StartComplaints complaints)
    {
        if (!File.Exists(path))
        {
            complaints.Add($"there is no key file `{path}`");
            return null;
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) is not 0)
        {
            complaints.Add(UnsafeSetting.KeyPermissions, $"others may read the key file `{path}`: chmod 600 it");
        }

        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            complaints.Add($"cannot read the key file `{path}`, which must be the hub's own: {e.Message}");
            return null;
        }
    }

    /// <summary>
    /// Reads the configured file, which must be there, or the default one, which is made the first time. Two nodes that start at once on one
    /// folder end with the same file.
    /// </summary>
    public static string ReadOrMake(string? configured, string standard, IReadOnlySet<UnsafeSetting> accepted, Func<string> make)
    {
        if (configured is not null)
        {
            return Read(configured, accepted);
        }

        if (!File.Exists(standard))
        {
            MakeFolderOf(standard);
            var fresh = $"{standard}.{Guid.NewGuid():N}";
            Write(fresh, make());
            try
            {
                File.Move(fresh, standard, overwrite: false);
            }
            catch (IOException) when (File.Exists(standard))
            {
                File.Delete(fresh);
            }
        }

        return Read(standard, accepted);
    }

    private static void MakeFolderOf(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubStartException($"cannot make the data folder of `{path}`: {e.Message}", e);
        }
    }
}
