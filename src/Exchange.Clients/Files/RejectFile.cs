using System.Globalization;
using System.Text;

namespace Exchange.Clients.Files;

/// <summary>
/// The rows that were not taken, as CSV: row, line, column, reason, message; one line for each bad cell. Holds no cell's
/// content, so it may be shown to anybody who may see the file's name. Made with the first reject; what an earlier run left under its name is
/// removed at once, so that a clean run leaves none behind.
/// </summary>
public sealed class RejectFile : IAsyncDisposable
{
    private readonly StringBuilder _line = new();
    private readonly RowSet _seen = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private StreamWriter? _writer;

    /// <summary>The reject file of a run that begins now.</summary>
    public RejectFile(string path)
    {
        Path = path;
        if (new FileInfo(path) is { Exists: true, Length: > 0 }) // a device such as /dev/null has no length and stays
        {
            File.Delete(path);
        }
    }

    /// <summary>Where it stands (or would stand).</summary>
    public string Path { get; }

    /// <summary>How many rows stand in it.</summary>
    public long Rows => _seen.Count;

    /// <summary>Rows by the first reason of each.</summary>
    public Dictionary<string, long> ByReason { get; } = new(StringComparer.Ordinal);

    /// <summary>True when a row stands in it.</summary>
    public bool Has(long row) => _seen.Contains(row);

    /// <summary>Adds a row with everything that is wrong with it; a row counts once, by the first reason it came with.</summary>
    public async Task AddAsync(long row, long line, IReadOnlyList<RowProblem> problems, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_writer is null)
            {
                _writer = new StreamWriter(Path, append: false, new UTF8Encoding(false));
                await WriteAsync(["row", "line", "column", "reason", "message"], cancellationToken);
            }

            foreach (var problem in problems.Distinct()) // two fields may take the same column
            {
                await WriteAsync([Number(row), Number(line), problem.Column, problem.Reason, problem.Message], cancellationToken);
            }

            if (_seen.Add(row))
            {
                ByReason[problems[0].Reason] = ByReason.GetValueOrDefault(problems[0].Reason) + 1;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }

        _turn.Dispose();
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task WriteAsync(string[] cells, CancellationToken cancellationToken)
    {
        _line.Clear();
        CsvLine.Append(_line, cells, forSpreadsheet: true);
        await _writer!.WriteAsync(_line, cancellationToken);
    }
}
