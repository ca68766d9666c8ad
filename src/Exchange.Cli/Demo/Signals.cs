using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Exchange.Cli.Demo;

/// <summary>Asks a process to end, as an operator would; .NET itself can only kill.</summary>
internal static class Signals
{
    private const int Terminate = 15;

    /// <summary>Sends SIGTERM. A process that is gone already is no error.</summary>
    public static void AskToEnd(Process process) => _ = Kill(process.Id, Terminate);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
