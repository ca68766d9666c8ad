using System.Security.Cryptography;
using System.Text;

namespace Exchange.EventStore.Embedded;

/// <summary>Where the private PostgreSQL lives and how it runs. Nothing needs to be set.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>
    /// Folder of the private server: its cluster is in <c>data</c> below, its socket in <c>run</c>. Null: a folder of this checkout under
    /// <see cref="Root"/>. As root, a folder inside the checkout or one that the
    /// server's user cannot enter is replaced by one under <see cref="Root"/>.
    /// </summary>
    public string? DataDirectory { get; init; }

    /// <summary>
    /// Folder with <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c>. Null: <c>EXCHANGE_POSTGRES_BIN</c>, then PATH, then the newest
    /// <c>/usr/lib/postgresql/*/bin</c>, then the binaries that <c>./exchange</c> installed from npm.
    /// </summary>
    public string? BinDirectory { get; init; }

    /// <summary>PostgreSQL settings that replace or extend the defaults, for example <c>shared_buffers</c> → <c>1GB</c>. The defaults are durable.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a start may take, crash recovery included. Default 5 minutes, at least 1 second.</summary>
    public TimeSpan StartTimeout
    {
        get;
        init => field = value < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : value;
    } = TimeSpan.FromMinutes(5);

    /// <summary>How long a server that a killed hub left may take to answer before it is ended and started anew. Default 20 seconds, at least 1.</summary>
    public TimeSpan AnswerTimeout
    {
        get;
        init => field = value < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : value;
    } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a stop may roll back and write down before the server is ended at once. Nothing committed is lost then; the next start reads its log
    /// again. Default 60 seconds, at least 1.
    /// </summary>
    public TimeSpan StopTimeout
    {
        get;
        init => field = value < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : value;
    } = TimeSpan.FromSeconds(60);

    /// <summary>Size at which the server's log is put aside. For tests.</summary>
    internal long LargestLog { get; init; } = ServerLog.DefaultLargestSize;

    /// <summary>How often the size of the server's log is looked at. For tests.</summary>
    internal TimeSpan LogInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Parent of all private servers of this user: <c>/var/lib/dataexchange</c> as root, else <c>dataexchange</c> in XDG_DATA_HOME.</summary>
    public static string Root => Environment.IsPrivilegedProcess
        ? "/var/lib/dataexchange"
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } home
                ? home
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share"),
            "dataexchange");

    /// <summary>The folder under <see cref="Root"/> that stands for any name or path: the same name gives the same folder, with a short path.</summary>
    public static string DirectoryFor(string name) =>
        Path.Combine(Root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16]);

    /// <summary>The checkout this program was built in, or else the program's own folder; what the default data folder is named after.</summary>
    public static string Checkout
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "DataExchange.sln")))
                {
                    return folder.FullName;
                }
            }

            return AppContext.BaseDirectory;
        }
    }
}
