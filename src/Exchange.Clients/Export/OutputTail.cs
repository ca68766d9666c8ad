using Exchange.Clients.Files;

namespace Exchange.Clients.Export;

/// <summary>
/// Finds where a file of rows ends that was being written when its writer was killed or the disk was full: half a row, or half a gzip member,
/// must go before anything is added. What it held comes again, since its checkpoint was not stored.
/// </summary>
internal static class OutputTail
{
    /// <summary>Bytes up to the end of the last whole row, or of the last whole gzip member.</summary>
    /// <exception cref="SourceFileException">A packed file is damaged before its end, or is none.</exception>
    public static async Task<long> WholeLengthAsync(string path, OutputFormat format, bool isPacked, CancellationToken cancellationToken)
    {
        await using var file = RowFile.Open(path);
        return isPacked ? await WholeMembersAsync(file, cancellationToken) : await WholeRowsAsync(file, format is OutputFormat.Csv, cancellationToken);
    }

    private static async Task<long> WholeMembersAsync(FileStream file, CancellationToken cancellationToken)
    {
        await using var input = new GzipInput(file);
        try
        {
            await input.CopyToAsync(Stream.Null, cancellationToken);
        }
        catch (SourceFileException e) when (e.Reason is "TRUNCATED_FILE")
        {
            // As far as it is whole.
        }

        return input.WholeLength;
    }

    private static async Task<long> WholeRowsAsync(FileStream file, bool hasQuotes, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 20];
        var (position, whole, isQuoted) = (0L, 0L, false);
        while (await file.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            for (var i = 0; i < read; i++)
            {
                isQuoted ^= hasQuotes && buffer[i] == '"';
                whole = buffer[i] == '\n' && !isQuoted ? position + i + 1 : whole;
            }

            position += read;
        }

        return whole;
    }
}
