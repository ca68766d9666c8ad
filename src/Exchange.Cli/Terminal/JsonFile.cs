using System.Text.Json;
using Google.Protobuf;

namespace Exchange.Cli.Terminal;

/// <summary>Files that hold messages as JSON, in the names of the proto.</summary>
internal static class JsonFile
{
    /// <summary>The message in a file.</summary>
    public static async Task<T> ReadAsync<T>(FileInfo file, CancellationToken cancellationToken)
        where T : IMessage<T>, new() =>
        Parse<T>(file, await File.ReadAllTextAsync(file.FullName, cancellationToken));

    /// <summary>The messages in a file that holds a list of them.</summary>
    public static async Task<IReadOnlyList<T>> ReadListAsync<T>(FileInfo file, CancellationToken cancellationToken)
        where T : IMessage<T>, new()
    {
        try
        {
            using var document = JsonDocument.Parse(await File.ReadAllTextAsync(file.FullName, cancellationToken));
            return document.RootElement.ValueKind is JsonValueKind.Array
                ? [.. document.RootElement.EnumerateArray().Select(element => Parse<T>(file, element.GetRawText()))]
                : throw new UsageException($"`{file.Name}` must hold a list: [ {{…}}, {{…}} ]");
        }
        catch (JsonException e)
        {
            throw new UsageException($"`{file.Name}` is no JSON: {e.Message}");
        }
    }

    private static T Parse<T>(FileInfo file, string json)
        where T : IMessage<T>, new()
    {
        try
        {
            return JsonParser.Default.Parse<T>(json);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw new UsageException($"`{file.Name}` is no {new T().Descriptor.Name}: {e.Message}");
        }
    }
}
