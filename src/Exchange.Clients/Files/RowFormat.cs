namespace Exchange.Clients.Files;

/// <summary>How rows stand in a file.</summary>
public sealed record RowFormat
{
    /// <summary>Bytes of one cell unless told otherwise: 1 MiB, the longest text the hub takes.</summary>
    public const int DefaultMaxCellBytes = 1 << 20;

    /// <summary>Kind; unspecified is told by the file's name.</summary>
    public FileKind Kind { get; init; }

    /// <summary>Name of the encoding; UTF-8 is strict, a byte order mark is skipped.</summary>
    public string Encoding { get; init; } = "utf-8";

    internal bool IsTranscoded => !Encoding.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !Encoding.Equals("utf8", StringComparison.OrdinalIgnoreCase);

    /// <summary>What parts the cells of a CSV row; one ASCII character.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>A row with a larger cell is a bad row; four times as much is the bound of a row. 1 KiB to 64 MiB.</summary>
    public int MaxCellBytes { get; init; } = DefaultMaxCellBytes;
}

/// <summary>Kinds of files with rows.</summary>
public enum FileKind
{
    /// <summary>By name: `.csv`, `.tsv`, `.jsonl`, `.ndjson`, `.json`, each also with `.gz`.</summary>
    Unspecified,

    /// <summary>RFC 4180 with a header.</summary>
    Csv,

    /// <summary>JSON objects: one a line, or one array of them.</summary>
    Json,
}
