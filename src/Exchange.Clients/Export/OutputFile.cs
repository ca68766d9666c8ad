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
    /// <param name="path">Where to.</param>
    /// <param name="append">True: goes on after what is there (a gzip file gets one more member).</param>
    public static Stream Open(string? path, bool append)
    {
        if (path is null)
        {
            return StandardOutput();
        }

        var file = new FileStream(path, append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, 64 * 1024);
        return new OutputStream(file, path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase));
    }

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

        var name = path is not null && path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.GetExtension(name)?.ToUpperInvariant() is ".CSV" ? OutputFormat.Csv : OutputFormat.JsonLines;
    }
}
