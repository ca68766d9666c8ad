namespace Exchange.Clients.Files;

/// <summary>A file that cannot be used as a whole.</summary>
public sealed class SourceFileException : Exception
{
    /// <summary>With a stable reason and a message that says what to do.</summary>
    public SourceFileException(string reason, string message, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    /// <summary>MISSING_COLUMNS, EMPTY_FILE, WRONG_ENCODING, TRUNCATED_FILE, BROKEN_GZIP or UNKNOWN_FORMAT.</summary>
    public string Reason { get; }
}
