using System.Runtime.InteropServices;
using System.Text;

namespace Exchange.EventStore.Sealing;

/// <summary>Makes what was created in a folder outlive a power cut: a file that was flushed can still be lost when its name was not.</summary>
internal static class FolderSync
{
    private const int ReadOnly = 0;

    /// <summary>Flushes the folder's own entries to disk; nothing on Windows, which has no such call. Throws <see cref="IOException"/> when it cannot.</summary>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(Encoding.UTF8.GetBytes(folder + "\0"), ReadOnly);
        if (descriptor < 0)
        {
            throw Fault(folder);
        }

        try
        {
            if (FSync(descriptor) is not 0)
            {
                throw Fault(folder);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Fault(string folder) => new($"cannot flush the folder `{folder}`: {Marshal.GetLastPInvokeErrorMessage()}");

    // .NET opens no folders (File.OpenHandle refuses them).
    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FSync(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
