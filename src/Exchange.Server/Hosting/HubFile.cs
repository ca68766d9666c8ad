using System.Text.Json;
using System.Text.Json.Serialization;

namespace Exchange.Server.Hosting;

/// <summary><c>hub.json</c> in the data folder: where a running hub is, so that the command line finds it. It goes when the hub stops.</summary>
internal sealed record HubFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>gRPC address, for example <c>http://127.0.0.1:5400</c>.</summary>
    public required string Grpc { get; init; }

    /// <summary>HTTP/1.1 address.</summary>
    public required string Http { get; init; }

    /// <summary>Issuer of access tokens.</summary>
    public required string Issuer { get; init; }

    /// <summary>Where tokens are to be had.</summary>
    public required string TokenEndpoint { get; init; }

    /// <summary>The hub's process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The first caller's client id.</summary>
    public required string OperatorClient { get; init; }

    /// <summary>The first caller's private key, when the hub made it.</summary>
    public string? OperatorKeyFile { get; init; }

    /// <summary>The file's place in a data folder.</summary>
    public static string In(string dataDirectory) => Path.Combine(dataDirectory, "hub.json");

    /// <summary>Writes the file.</summary>
    public void Write(string dataDirectory) => PrivateFile.Write(In(dataDirectory), JsonSerializer.Serialize(this, Format) + "\n");

    /// <summary>Takes the file away if it is this process's.</summary>
    public static void Delete(string dataDirectory)
    {
        var path = In(dataDirectory);
        if (File.Exists(path) && JsonSerializer.Deserialize<HubFile>(File.ReadAllText(path), Format)?.ProcessId == Environment.ProcessId)
        {
            File.Delete(path);
        }
    }
}
