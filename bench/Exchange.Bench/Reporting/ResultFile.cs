using System.Text.Json;
using System.Text.Json.Serialization;

namespace Exchange.Bench.Reporting;

/// <summary>Results as JSON.</summary>
public static class ResultFile
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>The rows as an array, each with `name`, `unit`, `hub`, `limit`, `ratio`, `goal`, `rounds`.</summary>
    public static string Rows(IReadOnlyList<BenchResult> results) => JsonSerializer.Serialize(results, Json) + "\n";

    /// <summary>The rows with the machine they were measured on.</summary>
    public static string Whole(Machine machine, IReadOnlyList<BenchResult> results) =>
        JsonSerializer.Serialize(new Dictionary<string, object> { ["machine"] = machine, ["results"] = results }, Json) + "\n";
}
