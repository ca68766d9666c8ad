using System.Text;
using Exchange.Clients.Files;

namespace Exchange.Clients.Tests.Support;

/// <summary>Reads all rows of a text as strings: cells joined by `|`, or `!REASON@column` for a bad row or cell.</summary>
internal static class Rows
{
    public static Task<List<string>> OfCsv(string text, params string[] columns) => OfAsync(Encoding.UTF8.GetBytes(text), new RowFormat { Kind = FileKind.Csv }, columns);

    public static Task<List<string>> OfJson(string text, params string[] columns) => OfAsync(Encoding.UTF8.GetBytes(text), new RowFormat { Kind = FileKind.Json }, columns);

    public static async Task<List<string>> OfAsync(byte[] bytes, RowFormat format, string[] columns, int step = int.MaxValue)
    {
        var rows = new List<string>();
        await using var reader = await RowFile.OpenAsync(
            new TrickleStream(bytes, step), format, [.. columns.Select(c => new RequestedColumn(c, false))], TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            rows.Add(reader.Problem is { } p ? $"!{p.Reason}@{p.Column}" : string.Join('|', columns.Select((_, i) => Show(reader.Read(i)))));
        }

        return rows;
    }

    private static string Show(SourceCell cell) =>
        cell.Problem is { } problem ? $"!{problem.Reason}@{problem.Column}" : cell.Items is { } items ? $"[{string.Join(';', items)}]" : cell.Text ?? "";
}
