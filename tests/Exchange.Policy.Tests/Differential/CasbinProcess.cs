using System.Diagnostics;

namespace Exchange.Policy.Tests.Differential;

/// <summary>The npm package `casbin` in a process of its own.</summary>
internal sealed class CasbinProcess : IDisposable
{
    private readonly Process process;

    private CasbinProcess(Process process) => this.process = process;

    /// <summary>Starts it; null where Node.js or the package is not installed.</summary>
    public static CasbinProcess? Start()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var npm = Path.Combine(folder.FullName, "tests", "npm");
            if (Directory.Exists(Path.Combine(npm, "node_modules", "casbin")))
            {
                var start = new ProcessStartInfo("node", "casbin-decisions.cjs") { WorkingDirectory = npm, RedirectStandardInput = true, RedirectStandardOutput = true };
                try
                {
                    return Process.Start(start) is { } process ? new(process) : null;
                }
                catch (System.ComponentModel.Win32Exception)
                {
                    return null;
                }
            }
        }

        return null;
    }

    public async Task<string> AskAsync(PolicyCase one, CancellationToken cancellationToken)
    {
        await process.StandardInput.WriteLineAsync(one.ToJson().AsMemory(), cancellationToken);
        await process.StandardInput.FlushAsync(cancellationToken);
        return await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("casbin ended");
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            process.Kill();
        }

        process.Dispose();
    }
}
