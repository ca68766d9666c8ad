using System.Text;

namespace Exchange.Clients.Files;

/// <summary>Writes cells as RFC 4180 lines.</summary>
public static class CsvLine
{
    /// <summary>Appends one line with its end.</summary>
    /// <param name="line">Where to.</param>
    /// <param name="cells">The cells; null is an empty cell.</param>
    /// <param name="forSpreadsheet">
    /// True: a cell that a spreadsheet would take for a formula (it begins with = + - @, tab or carriage return and is no
    /// number) gets an apostrophe before it. The file then differs from the data, so it is not the default.
    /// </param>
    public static void Append(StringBuilder line, IEnumerable<string?> cells, bool forSpreadsheet)
    {
        var first = true;
        foreach (var cell in cells)
        {
            if (!first)
            {
                line.Append(',');
            }

            first = false;
            AppendCell(line, cell ?? "", forSpreadsheet);
        }

        line.Append('\n');
    }

    private static void AppendCell(StringBuilder line, string cell, bool forSpreadsheet)
    {
        var guarded = forSpreadsheet && cell.Length > 0 && cell[0] is '=' or '+' or '-' or '@' or '\t' or '\r'
            && !double.TryParse(cell, System.Globalization.CultureInfo.InvariantCulture, out _);
        if (!guarded && !cell.AsSpan().ContainsAny(",\"\r\n") && cell.AsSpan().Trim().Length == cell.Length)
        {
            line.Append(cell);
            return;
        }

        line.Append('"').Append(guarded ? "'" : "").Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
