using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Exchange.EventStore.Embedded;

/// <summary>
/// The operating system's processes that live in one cluster folder. Every PostgreSQL process has the cluster as its working folder, so
/// this cannot be fooled by a process number that was given to somebody else (Linux only: reads /proc).
/// </summary>
internal static class ServerProcesses
{
    /// <summary>Numbers of all living PostgreSQL processes of this cluster, the postmaster among them.</summary>
    public static IReadOnlyList<int> LivingIn(string cluster)
    {
        var folder = RealPath(cluster);
        var found = new List<int>();
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && Link($"/proc/{id}/cwd") == folder
                && State(id) is { Name: "postgres" or "postmaster", State: not ('Z' or 'X') })
            {
                found.Add(id);
            }
        }

        return found;
    }

    /// <summary>The postmaster of this cluster, or null: the process its pid file names, when that process lives in the cluster.</summary>
    public static int? Postmaster(string cluster)
    {
        var pidFile = Path.Combine(cluster, "postmaster.pid");
        string? line;
        try
        {
            line = File.ReadLines(pidFile).FirstOrDefault();
        }
        catch (IOException)
        {
            return null;
        }

        return int.TryParse(line, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id) && LivingIn(cluster).Contains(id) ? id : null;
    }

    /// <summary>The arguments a process was started with, the program itself first; empty when it is gone.</summary>
    public static IReadOnlyList<string> Arguments(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").TrimEnd('\0').Split('\0');
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Ends every process of the cluster with SIGKILL and returns when none is left; they get no chance to write anything.</summary>
    public static async Task KillAsync(string cluster, CancellationToken cancellationToken)
    {
        // The postmaster first: it would otherwise see a child die and start to recover.
        var first = Postmaster(cluster);
        var deadline = Stopwatch.StartNew();
        for (var living = LivingIn(cluster); living.Count > 0; living = LivingIn(cluster))
        {
            foreach (var id in living.OrderByDescending(id => id == first))
            {
                Kill(id);
            }

            if (deadline.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new EmbeddedPostgresException($"postgresql processes {string.Join(", ", living)} in `{cluster}` do not die; they may wait for a failing disk");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // Already gone; the caller looks again.
        }
    }

    private static string RealPath(string folder)
    {
        // A folder below a symbolic link shows its real path in /proc.
        var parent = Path.GetDirectoryName(folder);
        var real = Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName ?? folder;
        return parent is null || real != folder ? real : Path.Combine(RealPath(parent), Path.GetFileName(folder));
    }

    private static string? Link(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static (string Name, char State)? State(int id)
    {
        try
        {
            // proc(5): pid (comm) state …; comm may itself hold parentheses.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var end = stat.LastIndexOf(')');
            return (stat[(stat.IndexOf('(') + 1)..end], stat[end + 2]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
