using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Records.Push;

/// <summary>Short ways to write pushed records.</summary>
internal static class Pushed
{
    public static Value Clear => new() { Clear = true };

    public static Value NotSent => new();

    public static Value Text(string text) => new() { Text = text };

    public static Value Code(string code) => new() { Code = code };

    public static PushedRecord Own(string sourceId, params Value[] values) => new() { SourceId = sourceId, Values = { values } };

    public static PushedRecord ById(string recordId, params Value[] values) => new() { RecordId = recordId, Values = { values } };

    public static PushedRecord OpenedAs(string system, string sourceId, params Value[] values) =>
        new() { OpenedAs = new SourceReference { SourceSystem = system, SourceId = sourceId }, Values = { values } };
}
