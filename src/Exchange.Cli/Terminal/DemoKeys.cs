namespace Exchange.Cli.Terminal;

/// <summary>Keys of the demo's departments, in the demo's data folder while it runs: `demo-&lt;department&gt;-&lt;run&gt;.pem`.</summary>
internal static class DemoKeys
{
    private const string Prefix = "demo-";
    private const int RunLength = 8;

    /// <summary>The folder of the keys in a data folder.</summary>
    public static string In(string dataFolder) => Path.Combine(dataFolder, "demo", "keys");

    /// <summary>The id of a department's client in a run; the name of its key file is made of it.</summary>
    public static string ClientId(string department, string run) => $"{Prefix}{department}-{run}";

    /// <summary>A new run's name.</summary>
    public static string NewRun() => Guid.NewGuid().ToString("N")[..RunLength];

    /// <summary>Client and key file of a department of the demo; of several runs that left keys behind, the newest.</summary>
    public static (string Client, string KeyFile) Find(string dataFolder, string department)
    {
        var keys = Directory.Exists(In(dataFolder)) ? Directory.GetFiles(In(dataFolder), $"{Prefix}*.pem") : [];
        var key = keys.Where(k => Department(k) == department).MaxBy(File.GetLastWriteTimeUtc);
        return key is not null ? (Path.GetFileNameWithoutExtension(key), key)
            : keys.Length == 0 ? throw new UsageException($"no demo runs in `{dataFolder}`; start one with `./exchange demo`")
            : throw new UsageException($"the demo has no department `{department}`; it has {string.Join(", ", keys.Select(Department).Distinct().Order(StringComparer.Ordinal))}");
    }

    private static string Department(string keyFile)
    {
        var client = Path.GetFileNameWithoutExtension(keyFile);
        return client.Length > Prefix.Length + RunLength + 1 ? client[Prefix.Length..^(RunLength + 1)] : "";
    }
}
