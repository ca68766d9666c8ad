using Exchange.Clients.Files;
using Exchange.Protos.V1;

namespace Exchange.Clients.Catalog;

/// <summary>Tables of what sources' codes mean, one row a code: columns `code_system`, `source_code` and `code`.</summary>
public static class CodeMappings
{
    private static readonly string[] _columns = ["code_system", "source_code", "code"];

    /// <summary>Reads the rows of a CSV or JSON file, .gz too, in their order. With a code system given the column of that name is not read.</summary>
    /// <exception cref="SourceFileException">A column is missing, or a row is broken or has an empty cell.</exception>
    public static async Task<IReadOnlyList<CodeMapping>> ReadAsync(string path, string? codeSystem, CancellationToken cancellationToken)
    {
        string[] columns = codeSystem is null ? _columns : _columns[1..];
        List<CodeMapping> mappings = [];
        await using var rows = await RowFile.OpenAsync(path, new RowFormat(), [.. columns.Select(column => new RequestedColumn(column, Optional: false))], cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var cells = Enumerable.Range(0, columns.Length).Select(rows.Read).ToList();
            if ((rows.Problem ?? cells.Select(cell => cell.Problem).FirstOrDefault(problem => problem is not null)) is { } problem)
            {
                throw new SourceFileException(problem.Reason, $"line {rows.Line}: {problem.Message}");
            }

            if (cells.FindIndex(cell => string.IsNullOrWhiteSpace(cell.Text)) is var empty and >= 0)
            {
                throw new SourceFileException("EMPTY_CELL", $"line {rows.Line}: `{columns[empty]}` is empty; a row names a source's code and what it means");
            }

            var texts = cells.Select(cell => cell.Text!.Trim()).ToList();
            mappings.Add(new CodeMapping { CodeSystem = codeSystem ?? texts[0], SourceCode = texts[^2], Code = texts[^1] });
        }

        return mappings;
    }

    /// <summary>The list's mappings once a table is loaded: every code system that the table has rows of is as the table says, others stay.</summary>
    public static IReadOnlyList<CodeMapping> Merge(IEnumerable<CodeMapping> there, IReadOnlyList<CodeMapping> loaded)
    {
        var systems = loaded.Select(mapping => mapping.CodeSystem).ToHashSet(StringComparer.Ordinal);
        return [.. there.Where(mapping => !systems.Contains(mapping.CodeSystem)), .. loaded];
    }
}
