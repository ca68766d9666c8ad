using System.Globalization;
using System.Text;

namespace Exchange.EventStore.Embedded;

/// <summary>
/// The folder of one private server: `data` (the cluster) and `run` (the socket) belong to the server's user, `lock` to the hub. As root the
/// folder itself stays root's, so that the server's user cannot put a link where root writes.
/// </summary>
internal sealed class PostgresFolder : IDisposable
{
    // Linux, unix(7): sun_path holds 108 bytes with the closing zero.
    private const int LongestSocketPath = 107;

    private readonly FileStream hubLock;

    private PostgresFolder(string path, FileStream hubLock)
    {
        Path = path;
        this.hubLock = hubLock;
    }

    public string Path { get; }

    public string Cluster => System.IO.Path.Combine(Path, "data");

    public string SocketDirectory => System.IO.Path.Combine(Path, "run");

    public string Log => System.IO.Path.Combine(Cluster, "server.log");

    /// <summary>Major version that made the cluster, or null before the first start.</summary>
    public string? ClusterMajor => ReadClusterMajor(Path);

    /// <summary>The folder the options mean, for this account. Nothing is made yet.</summary>
    public static async Task<string> ResolveAsync(EmbeddedPostgresOptions options, ServerAccount account, CancellationToken cancellationToken)
    {
        if (options.DataDirectory is null)
        {
            return EmbeddedPostgresOptions.DirectoryFor(EmbeddedPostgresOptions.Checkout);
        }

        var wanted = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(options.DataDirectory));
        var isOurs = IsBelow(wanted, EmbeddedPostgresOptions.Root);
        var isUsable = !IsBelow(wanted, EmbeddedPostgresOptions.Checkout) && await account.CanEnterAsync(wanted, cancellationToken);
        return isOurs || isUsable || !Environment.IsPrivilegedProcess ? wanted : EmbeddedPostgresOptions.DirectoryFor(wanted);
    }

    /// <summary>Major version that made the cluster in a folder, or null where there is none.</summary>
    public static string? ReadClusterMajor(string path)
    {
        var file = System.IO.Path.Combine(path, "data", "PG_VERSION");
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }

    /// <summary>Makes the folder and takes its lock. A second hub on the same folder is refused; a killed hub's lock is free again.</summary>
    public static async Task<PostgresFolder> OpenAsync(string path, ServerAccount account, CancellationToken cancellationToken)
    {
        var socket = System.IO.Path.Combine(path, "run", ".s.PGSQL.5432");
        if (Encoding.UTF8.GetByteCount(socket) is var length and > LongestSocketPath)
        {
            throw new EmbeddedPostgresException(
                $"the socket's path `{socket}` has {length} bytes and the limit is {LongestSocketPath}; choose a data folder with a shorter path");
        }

        if (path.IndexOfAny(['\'', '"', '$', '`', '\\', ',', '\n']) >= 0)
        {
            throw new EmbeddedPostgresException($"the data folder `{path}` has a quote, dollar, backslash, comma or line break in its path, which pg_ctl cannot take; choose another folder");
        }

        MakeEnterable(path);
        var hubLock = Lock(System.IO.Path.Combine(path, "lock"));
        var folder = new PostgresFolder(path, hubLock);
        try
        {
            await account.CreatePrivateDirectoryAsync(folder.SocketDirectory, cancellationToken);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Removes what a dead server left behind. Only for a cluster in which nobody lives.</summary>
    public void RemoveStaleFiles()
    {
        File.Delete(System.IO.Path.Combine(Cluster, "postmaster.pid"));
        File.Delete(System.IO.Path.Combine(SocketDirectory, ".s.PGSQL.5432"));
        File.Delete(System.IO.Path.Combine(SocketDirectory, ".s.PGSQL.5432.lock"));
    }

    /// <summary>Frees the folder for another hub.</summary>
    public void Dispose() => hubLock.Dispose();

    private static bool IsBelow(string path, string folder) => path.StartsWith(System.IO.Path.TrimEndingDirectorySeparator(folder) + "/", StringComparison.Ordinal);

    // Folders we make as root must let the server's user through, whatever root's umask is; existing ones are left as they are.
    private static void MakeEnterable(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (System.IO.Path.GetDirectoryName(path) is { } parent)
        {
            MakeEnterable(parent);
        }

        Directory.CreateDirectory(path);
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, Environment.IsPrivilegedProcess ? Own | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : Own);
        }
    }

    private static FileStream Lock(string path)
    {
        FileStream stream;
        try
        {
            // FileShare.None takes flock(2): the kernel frees it when the hub dies, however it dies.
            stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new EmbeddedPostgresException(
                $"another hub (process {Holder(path)}) runs on the data folder `{System.IO.Path.GetDirectoryName(path)}`; stop it, or choose another data folder", e);
        }

        // In a file of its own: nobody can read a file under this lock.
        File.WriteAllText(HolderFile(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return stream;
    }

    private static string Holder(string path) => File.Exists(HolderFile(path)) ? File.ReadAllText(HolderFile(path)) : "unknown";

    private static string HolderFile(string path) => path + ".pid";
}
