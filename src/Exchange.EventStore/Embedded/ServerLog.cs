using System.Text;

namespace Exchange.EventStore.Embedded;

/// <summary>The server's log file: kept below 10 MB per start, one older file beside it.</summary>
internal sealed class ServerLog(string path)
{
    private const long LargestSize = 10 * 1024 * 1024;
    private const int TailSize = 16 * 1024;
    private long begin;

    /// <summary>Puts a large file aside and remembers where this run's lines begin.</summary>
    public void BeginRun()
    {
        var file = new FileInfo(path);
        if (file.Exists && file.Length > LargestSize)
        {
            file.MoveTo(path + ".1", overwrite: true);
            begin = 0;
        }
        else
        {
            begin = file.Exists ? file.Length : 0;
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
