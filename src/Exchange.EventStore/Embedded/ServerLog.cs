using System.Text;

namespace Exchange.EventStore.Embedded;

/// <summary>
/// The server's log file, with one older file beside it. A server in trouble can write a line per connection: the file is looked at while it runs, so
/// that it does not outgrow its limit by more than is written in between.
/// </summary>
internal sealed class ServerLog(string path, ServerAccount account, long largestSize)
{
    /// <summary>Size at which the file is put aside unless the options say otherwise: 10 MiB.</summary>
    public const long DefaultLargestSize = 10 * 1024 * 1024;

    private const int TailSize = 16 * 1024;
    private long begin;

    /// <summary>Puts a large file aside and remembers where this run's lines begin.</summary>
    public async Task BeginRunAsync(CancellationToken cancellationToken)
    {
        await TrimAsync(cancellationToken);
        var file = new FileInfo(path);
        begin = file.Exists ? file.Length : 0;
    }

    /// <summary>
    /// Puts a file that is too large aside: copied, then emptied, because the server keeps it open and appends. What it writes in between is lost. Done as
    /// the server's user, whose folder this is: root would follow a link that somebody put there.
    /// </summary>
    public async Task TrimAsync(CancellationToken cancellationToken)
    {
        if (new FileInfo(path) is not { Exists: true, LinkTarget: null } file || file.Length <= largestSize)
        {
            return;
        }

        // On a full disk there is no copy, and the space is needed all the more.
        await account.RunAsync("cp", ["--", path, path + ".1"], cancellationToken);
        var (exitCode, output) = await account.RunAsync("truncate", ["--size=0", "--", path], cancellationToken);
        begin = 0;
        if (exitCode is not 0)
        {
            throw new EmbeddedPostgresException($"cannot empty the server's log `{path}`: {output}");
        }
    }

    /// <summary>The last lines of this run, for an error message; empty when there are none.</summary>
    public string LastLines(int count)
    {
        if (!File.Exists(path))
        {
            return "";
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(Math.Max(begin, stream.Length - TailSize), SeekOrigin.Begin);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return string.Join('\n', reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(count));
    }
}
