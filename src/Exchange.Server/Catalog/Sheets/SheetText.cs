using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Exchange.Catalog;

namespace Exchange.Server.Catalog.Sheets;

/// <summary>Sheets as CSV (RFC 4180), safe to open in a spreadsheet.</summary>
internal static class SheetText
{
    private const int MostBytes = 3 * 1024 * 1024;
    private const char ByteOrderMark = '\uFEFF';
    private const char Guard = '\'';

    private static readonly CsvConfiguration _format = new(CultureInfo.InvariantCulture) { HasHeaderRecord = false, BadDataFound = null, NewLine = "\r\n" };

    /// <summary>Heading and rows, and how many rows; no text when it would be larger than so many bytes.</summary>
    public static (string? Csv, int Rows) Write(IEnumerable<string> headings, IEnumerable<IReadOnlyList<string>> rows, int mostBytes)
    {
        using var text = new StringWriter();
        using var csv = new CsvWriter(text, _format);
        Line(headings);
        var count = 0;
        foreach (var row in rows)
        {
            Line(row);
            count++;
            if (text.GetStringBuilder().Length > mostBytes)
            {
                return (null, count);
            }
        }

        csv.Flush();
        var sheet = text.ToString();
        return Encoding.UTF8.GetByteCount(sheet) <= mostBytes ? (sheet, count) : (null, count);

        void Line(IEnumerable<string> cells)
        {
            foreach (var cell in cells)
            {
                csv.WriteField(NeedsGuard(cell) ? $"{Guard}{cell}" : cell);
            }

            csv.NextRecord();
        }
    }

    /// <summary>Heading and rows with their lines. Refused: too large, no heading, quoting that does not end.</summary>
    public static Result<(IReadOnlyList<string> Headings, IReadOnlyList<(int Line, IReadOnlyList<string> Cells)> Rows)> Read(string sheet)
    {
        if (Encoding.UTF8.GetByteCount(sheet) > MostBytes)
        {
            return Refusal.Invalid("csv", "TOO_LARGE", $"must be at most {MostBytes} bytes: send one resource at a time");
        }

        using var text = new StringReader(sheet.TrimStart(ByteOrderMark));
        var isBad = false;
        using var csv = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture) { HasHeaderRecord = false, BadDataFound = _ => isBad = true });
        List<(int, IReadOnlyList<string>)> rows = [];
        IReadOnlyList<string>? headings = null;
        while (csv.Read())
        {
            // Quoting is looked at when the cells are.
            IReadOnlyList<string> cells = [.. csv.Record!.Select(Bare)];
            if (isBad)
            {
                return Refusal.Invalid("csv", "BROKEN_QUOTING", $"line {csv.RawRow}: a quote stands inside of a cell without quotes, or does not end");
            }

            if (headings is null)
            {
                headings = cells;
            }
            else if (cells.Any(cell => cell.Length > 0))
            {
                rows.Add((csv.RawRow, cells));
            }

            if (rows.Count > SharingSheet.MostRows)
            {
                return Refusal.Invalid("csv", "TOO_MANY", $"a sheet has at most {SharingSheet.MostRows} rows");
            }
        }

        return headings is null ? Refusal.Invalid("csv", "REQUIRED", "is empty: give a heading and rows") : (headings, rows);
    }

    // What a spreadsheet takes for a formula begins so; and what looks guarded already.
    private static bool NeedsGuard(string cell) => cell.TrimStart(Guard) is ['=' or '+' or '-' or '@' or '\t' or '\r' or '＝' or '＋' or '－' or '＠', ..];

    private static string Bare(string cell) => cell is [Guard, .. var rest] && NeedsGuard(rest) ? rest : cell;
}
