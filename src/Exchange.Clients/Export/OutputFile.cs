using Exchange.Clients.Files;
using Microsoft.Win32.SafeHandles;

namespace Exchange.Clients.Export;

/// <summary>How rows are written.</summary>
public enum OutputFormat
{
    /// <summary>By the file's name: `.csv`, else JSON Lines.</summary>
    Unspecified,

    /// <summary>One JSON object a line.</summary>
    JsonLines,

    /// <summary>RFC 4180 with a header.</summary>
    Csv,
}

/// <summary>Opens what rows are written to.</summary>
public static class OutputFile
{
    private const int StandardOutputHandle = 1;

    /// <summary>Opens a file, packed when its name ends in `.gz`; standard output for null.</summary>
    public static Stream Open(string? path) => path is null ? StandardOutput() : Open(path, FileMode.Create);

    /// <summary>As above, going on after what is there: after its last whole row, or its last whole gzip member, if its writer was cut off.</summary>
    /// <exception cref="SourceFileException">A packed file is damaged before its end, or is none.</exception>
    public static async Task<Stream> OpenToGoOnAsync(string? path, OutputFormat format, CancellationToken cancellationToken)
    {
        if (path is null || !File.Exists(path) || new FileInfo(path).Length == 0)
        {
            return Open(path);
        }

        var whole = await OutputTail.WholeLengthAsync(path, format, IsPacked(path), cancellationToken);
        return Open(path, FileMode.Open, whole);
    }

    private static OutputStream Open(string path, FileMode mode, long length = 0)
    {
        var file = new FileStream(path, mode, FileAccess.Write, FileShare.Read, 64 * 1024);
        if (mode is FileMode.Open)
        {
            file.SetLength(length);
            file.Seek(0, SeekOrigin.End);
        }

        return new OutputStream(file, IsPacked(path));
    }

    private static bool IsPacked(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    /// <summary>The console's own stream says nothing when the reader of a pipe has gone: a pull into `head` would go on to its end, unread.</summary>
    private static Stream StandardOutput()
    {
        if (!OperatingSystem.IsWindows() && Console.IsOutputRedirected)
        {
            var output = new FileStream(new SafeFileHandle(StandardOutputHandle, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!output.CanSeek)
            {
                return output;
            }

            output.Dispose(); // of a file, whose place other writers share, the console keeps count
        }

        return Console.OpenStandardOutput();
    }

    /// <summary>The format of a file by its name, unless it is stated.</summary>
    public static OutputFormat Format(string? path, OutputFormat stated)
    {
        if (stated is not OutputFormat.Unspecified)
        {
            return stated;
        }

        var name = path is not null && IsPacked(path) ? path[..^3] : path;
        return Path.GetExtension(name)?.ToUpperInvariant() is ".CSV" ? OutputFormat.Csv : OutputFormat.JsonLines;
    }
}
