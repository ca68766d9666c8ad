using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Exchange.Bench.Reporting;

/// <summary>What the figures were measured on. No name and no path of the machine.</summary>
/// <param name="Cores">Processors this process may use.</param>
/// <param name="MemoryMiB">Memory of the machine.</param>
/// <param name="System">Distribution, kernel and architecture.</param>
/// <param name="Dotnet">Version of .NET.</param>
/// <param name="Postgres">Version of PostgreSQL; null when no bench needed it.</param>
public sealed record Machine(
    [property: JsonPropertyName("cores")] int Cores,
    [property: JsonPropertyName("memory_mib")] long MemoryMiB,
    [property: JsonPropertyName("system")] string System,
    [property: JsonPropertyName("dotnet")] string Dotnet,
    [property: JsonPropertyName("postgresql")] string? Postgres)
{
    /// <summary>This machine.</summary>
    public static Machine Read(string? postgres)
    {
        var distribution = File.Exists("/etc/os-release")
            ? File.ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?["PRETTY_NAME=".Length..].Trim('"')
            : null;
        return new Machine(
            Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20,
            $"{distribution ?? RuntimeInformation.OSDescription}, kernel {Environment.OSVersion.Version.ToString(2)}, {RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}",
            Environment.Version.ToString(),
            postgres);
    }

    /// <summary>One line for people.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Cores} cores, {MemoryMiB / 1024.0:0.#} GiB, {System}, .NET {Dotnet}{(Postgres is null ? "" : $", PostgreSQL {Postgres}")}");
}
