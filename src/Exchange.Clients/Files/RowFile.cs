using System.Text;

namespace Exchange.Clients.Files;

/// <summary>Opens files with rows.</summary>
public static class RowFile
{
    /// <summary>Opens a CSV or JSON file, packed with gzip or not (told by its first bytes, not its name).</summary>
    /// <exception cref="SourceFileException">The file lacks requested columns, is empty, or is not in the stated encoding.</exception>
    public static async Task<IRowReader> OpenAsync(
        string path, RowFormat format, IReadOnlyList<RequestedColumn> columns, CancellationToken cancellationToken) =>
        await OpenAsync(Open(path), NamedFormat(path, format), columns, cancellationToken);

    /// <summary>Opens rows on a stream, which it then owns; the format states the kind.</summary>
    /// <exception cref="SourceFileException">As for a path.</exception>
    public static async Task<IRowReader> OpenAsync(
        Stream stream, RowFormat format, IReadOnlyList<RequestedColumn> columns, CancellationToken cancellationToken)
    {
        var input = stream;
        try
        {
            input = await UnpackAsync(stream, cancellationToken);
            input = await TranscodeAsync(input, format, cancellationToken);
            return format.Kind switch
            {
                FileKind.Csv => await CsvRowReader.OpenAsync(input, format, columns, cancellationToken),
                FileKind.Json => new JsonRowReader(input, format, columns),
                _ => throw new SourceFileException("UNKNOWN_FORMAT", "the format of the rows is not stated; say `csv` or `json`"),
            };
        }
        catch
        {
            await input.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a file to read on from its beginning; its position then tells how far rows were read.</summary>
    internal static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);

    /// <summary>The format with what the file's name tells.</summary>
    /// <exception cref="SourceFileException">The name tells no format, and none was stated.</exception>
    internal static RowFormat NamedFormat(string path, RowFormat format) => format with
    {
        Kind = format.Kind is FileKind.Unspecified ? KindOf(path) : format.Kind,
        Delimiter = format.Delimiter is ',' && path.Contains(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t' : format.Delimiter,
    };

    private static FileKind KindOf(string path)
    {
        var name = Path.GetFileName(path);
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            name = name[..^3];
        }

        return Path.GetExtension(name).ToUpperInvariant() switch
        {
            ".CSV" or ".TSV" or ".TXT" => FileKind.Csv,
            ".JSON" or ".JSONL" or ".NDJSON" => FileKind.Json,
            _ => throw new SourceFileException(
                "UNKNOWN_FORMAT", $"the name `{name}` does not tell the format; name it .csv, .jsonl or .json, or set `format` under `input` in the mapping"),
        };
    }

    private static async Task<Stream> UnpackAsync(Stream stream, CancellationToken cancellationToken)
    {
        var magic = await StartAsync(stream, 2, cancellationToken);
        Stream whole = new PrefixedStream(magic, stream);
        return magic is [0x1f, 0x8b] ? new GzipInput(whole) : whole;
    }

    private static async Task<Stream> TranscodeAsync(Stream stream, RowFormat format, CancellationToken cancellationToken)
    {
        if (format.IsTranscoded)
        {
            var inner = Named(format.Encoding);
            // Undecodable bytes become U+FFFD, which the readers take for what it is.
            var lenient = (Encoding)inner.Clone();
            lenient.DecoderFallback = new DecoderReplacementFallback("\uFFFD");
            stream = Encoding.CreateTranscodingStream(stream, lenient, new UTF8Encoding(false));
        }

        var start = await StartAsync(stream, 3, cancellationToken);
        return start is [0xff, 0xfe, ..] or [0xfe, 0xff, ..]
            ? throw new SourceFileException("WRONG_ENCODING", "the file is UTF-16, not UTF-8; set `encoding: utf-16` under `input` in the mapping")
            : new PrefixedStream(start is [0xef, 0xbb, 0xbf] ? [] : start, stream);
    }

    private static Encoding Named(string name)
    {
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (ArgumentException e)
        {
            throw new SourceFileException("WRONG_ENCODING", $"`{name}` is not the name of an encoding; use e.g. utf-8, gb18030, windows-1252", e);
        }
    }

    private static async Task<byte[]> StartAsync(Stream stream, int count, CancellationToken cancellationToken)
    {
        var start = new byte[count];
        var read = await stream.ReadAtLeastAsync(start, count, throwOnEndOfStream: false, cancellationToken);
        return start[..read];
    }
}
