using System.CommandLine;
using Exchange.Cli.Terminal;

namespace Exchange.Cli.Records;

/// <summary>The name of a record on the command line.</summary>
internal static class RecordName
{
    public static Argument<string> Argument() => new("record") { Description = "record: complaint/<uuid>, or its full name resources/complaint/records/<uuid>" };

    public static string Read(string text) => text.Split('/') switch
    {
        ["resources", _, "records", _] => text,
        [var resource, var id] => $"resources/{resource}/records/{id}",
        _ => throw new UsageException($"`{text}` is no record; write e.g. complaint/<uuid>"),
    };
}
