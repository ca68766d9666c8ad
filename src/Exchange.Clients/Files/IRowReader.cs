namespace Exchange.Clients.Files;

/// <summary>Reads rows one after the other in constant memory. A bad row is told and the next one is read.</summary>
public interface IRowReader : IAsyncDisposable
{
    /// <summary>Number of the current row, from 1; a header does not count.</summary>
    long Row { get; }

    /// <summary>Line of the file in which the current row begins, from 1.</summary>
    long Line { get; }

    /// <summary>Why the current row is unreadable as a whole; null when it is not.</summary>
    RowProblem? Problem { get; }

    /// <summary>Moves to the next row; false at the end.</summary>
    /// <exception cref="SourceFileException">The file cannot be read on.</exception>
    ValueTask<bool> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The current row's cell for one of the requested columns, by the column's place in the request.</summary>
    SourceCell Read(int column);
}
