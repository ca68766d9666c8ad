using System.Text;

namespace Exchange.Clients.Files;

/// <summary>Turns a cell's bytes into text, strictly.</summary>
internal static class CellText
{
    private static readonly UTF8Encoding _strict = new(false, throwOnInvalidBytes: true);

    /// <param name="bytes">The cell.</param>
    /// <param name="column">Its column.</param>
    /// <param name="transcoded">True when the file was in another encoding: U+FFFD then stands for bytes that were not in it.</param>
    public static SourceCell Decode(ReadOnlySpan<byte> bytes, string column, bool transcoded)
    {
        if (bytes.IsEmpty)
        {
            return default;
        }

        string text;
        try
        {
            text = _strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return new SourceCell(null, null, InvalidEncoding(column));
        }

        return Check(text, column, transcoded) is { } problem ? new SourceCell(null, null, problem) : new SourceCell(text);
    }

    public static RowProblem? Check(string text, string column, bool transcoded) =>
        text.Contains('\0', StringComparison.Ordinal)
            ? new RowProblem(column, "INVALID_CHARACTER", "holds a NUL character, which no text of the hub may hold; remove it")
            : transcoded && text.Contains('\uFFFD', StringComparison.Ordinal) ? InvalidEncoding(column) : null;

    public static RowProblem InvalidEncoding(string column) =>
        new(column, "INVALID_ENCODING", "is not in the stated encoding; set `encoding` under `input` in the mapping, e.g. gb18030 or windows-1252");

    public static RowProblem TooLarge(string column, int maxBytes) =>
        new(column, "CELL_TOO_LARGE", $"is larger than {maxBytes} bytes; shorten it or raise `max_cell_bytes` under `input` in the mapping");
}
