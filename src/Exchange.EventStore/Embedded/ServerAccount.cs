using System.Diagnostics;

namespace Exchange.EventStore.Embedded;

/// <summary>Who runs the private server: this process's own user, or an unprivileged one when this process is root (PostgreSQL refuses root).</summary>
internal sealed class ServerAccount
{
    private static readonly string[] UnprivilegedUsers = ["postgres", "nobody"];
    private static readonly string[] Switchers = ["/usr/sbin/runuser", "/sbin/runuser", "/usr/bin/runuser"];

    private readonly string? userName;
    private readonly string? switcher;

    private ServerAccount(string? userName, string? switcher)
    {
        this.userName = userName;
        this.switcher = switcher;
    }

    /// <summary>The user whose name the server's files carry, for messages.</summary>
    public string Name => userName ?? Environment.UserName;

    /// <summary>The account for this process. As root: `postgres`, else `nobody`; no user is ever created.</summary>
    public static ServerAccount ForThisProcess()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new ServerAccount(null, null);
        }

        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        var user = UnprivilegedUsers.FirstOrDefault(users.Contains)
            ?? throw new EmbeddedPostgresException("postgresql refuses to run as root, and there is neither a user `postgres` nor `nobody`; run the hub as an ordinary user");
        var switcher = Switchers.FirstOrDefault(File.Exists)
            ?? throw new EmbeddedPostgresException("postgresql refuses to run as root, and `runuser` (package util-linux) is missing; install it or run the hub as an ordinary user");
        return new ServerAccount(user, switcher);
    }

    /// <summary>Makes a folder that only the server's user may enter; an existing one is given to that user again.</summary>
    public async Task CreatePrivateDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        var made = await RunProcessAsync(
            new ProcessStartInfo("install", ["-d", "-m", "0700", .. userName is null ? Array.Empty<string>() : ["-o", userName], path]), cancellationToken);
        if (made.ExitCode is not 0)
        {
            throw new EmbeddedPostgresException($"cannot make folder `{path}` for user `{Name}`: {made.Output}");
        }
    }

    /// <summary>True when the server's user can enter this folder or, where it does not exist yet, its nearest existing parent.</summary>
    public async Task<bool> CanEnterAsync(string path, CancellationToken cancellationToken)
    {
        if (userName is null)
        {
            return true;
        }

        var folder = path;
        while (!Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder) ?? "/";
        }

        return (await RunAsync("/usr/bin/test", ["-x", folder], cancellationToken)).ExitCode is 0;
    }

    /// <summary>Runs a program as the server's user and waits for it. Its environment has no PG… variable and the C locale.</summary>
    public Task<(int ExitCode, string Output)> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = userName is null
            ? new ProcessStartInfo(program, arguments)
            : new ProcessStartInfo(switcher!, ["-u", userName, "--", program, .. arguments]);
        foreach (var name in start.Environment.Keys.Where(key => key.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["LC_ALL"] = "C";
        return RunProcessAsync(start, cancellationToken);
    }

    private static async Task<(int ExitCode, string Output)> RunProcessAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        start.WorkingDirectory = "/";
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start) ?? throw new EmbeddedPostgresException($"`{start.FileName}` does not start");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, $"{await output}{await error}".Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
