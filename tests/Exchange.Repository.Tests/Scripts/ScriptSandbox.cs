namespace Exchange.Repository.Tests.Scripts;

/// <summary>
/// A machine made up for `exchange`: a copy of the script, a PATH with the ordinary tools and nothing else, and programs that only write down how they
/// were called. No PostgreSQL is anywhere on it.
/// </summary>
internal sealed class ScriptSandbox : IDisposable
{
    private static readonly string[] Tools =
        ["bash", "cat", "chmod", "dirname", "env", "find", "flock", "grep", "ln", "mkdir", "mv", "readlink", "rm", "touch", "uname"];

    private readonly string folder = Directory.CreateTempSubdirectory("exchange-script-").FullName;
    private readonly List<string> environment = [];

    public ScriptSandbox(bool isRoot)
    {
        Directory.CreateDirectory(Bin);
        Directory.CreateDirectory(System);
        foreach (var tool in Tools)
        {
            File.CreateSymbolicLink(Path.Combine(Bin, tool), Checkout.Program(tool) ?? throw new InvalidOperationException($"no {tool} on PATH"));
        }

        File.Copy(Path.Combine(Checkout.Root, "exchange"), Path.Combine(folder, "exchange"));
        foreach (var program in (string[])["Exchange.Server", "Exchange.Cli"])
        {
            var release = Directory.CreateDirectory(Path.Combine(folder, "artifacts", "bin", program, "release"));
            File.WriteAllText(Path.Combine(release.FullName, $"{program}.runtimeconfig.json"), "{}");
        }

        Program("id", $"echo {(isRoot ? 0 : 1000)}");
        Program("dotnet", """if [[ $1 == --list-sdks ]]; then echo "10.0.100 [/somewhere]"; else note dotnet "$@"; fi""");
    }

    /// <summary>What stands for / on this machine.</summary>
    public string System => Path.Combine(folder, "system");

    /// <summary>How the programs were called, one call a line.</summary>
    public IReadOnlyList<string> Calls => File.Exists(CallsFile) ? File.ReadAllLines(CallsFile) : [];

    private string Bin => Path.Combine(folder, "bin");

    private string CallsFile => Path.Combine(folder, "calls");

    /// <summary>Puts a program on PATH. In its bash text `note` writes the call down, and `make_postgres FOLDER` makes the three programs there.</summary>
    public void Program(string name, string text)
    {
        var file = Path.Combine(Bin, name);
        File.WriteAllText(file, $$"""
            #!{{Checkout.Program("bash")}}
            set -eu
            system={{System}}
            note() { printf '%s\n' "$*" >>{{CallsFile}}; }
            make_postgres() { mkdir -p "$1"; for program in postgres initdb pg_ctl; do ln -s {{Checkout.Program("cat")}} "$1/$program"; done; }
            {{text}}

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Sets a variable for the script.</summary>
    public void Set(string name, string value) => environment.Add($"{name}={value}");

    /// <summary>Writes a file of the checkout.</summary>
    public void Write(string path, string text) => File.WriteAllText(Path.Combine(folder, path), text);

    /// <summary>Runs `./exchange` on this machine.</summary>
    public Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => Checkout.RunAsync(
        ".",
        "env",
        ["-i", $"PATH={Bin}", $"HOME={folder}", $"EXCHANGE_SYSTEM_ROOT={System}", .. environment, "bash", Path.Combine(folder, "exchange"), .. arguments]);

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
