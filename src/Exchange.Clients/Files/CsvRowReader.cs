using System.Buffers;

namespace Exchange.Clients.Files;

/// <summary>
/// Reads RFC 4180 with bounds. Ours, because no library at hand goes on after broken quoting or an endless cell without
/// holding the rest of the file: here a row with broken quoting costs that row, reading resumes at the line after its
/// first, and a cell over the bound is skipped without being kept.
/// </summary>
internal sealed class CsvRowReader : IRowReader
{
    private const int KeptCells = 10_000;

    private readonly ByteWindow _window;
    private readonly RowFormat _format;
    private readonly byte _delimiter;
    private readonly SearchValues<byte> _ends;
    private readonly List<CellRange> _cells = [];
    private string[] _header = [];
    private RequestedColumn[] _columns = [];
    private int[] _places = [];
    private byte[] _unescaped = [];

    private State _state;
    private int _at;
    private int _cellStart;
    private bool _escaped;
    private int _cellCount;
    private int _consumed;
    private long _nextLine = 1;
    private long _linesInRow;
    private bool _dropping;

    private CsvRowReader(Stream stream, RowFormat format)
    {
        _window = new ByteWindow(stream, format.MaxCellBytes * 4);
        _format = format;
        _delimiter = (byte)format.Delimiter;
        _ends = SearchValues.Create([_delimiter, (byte)'\n']);
    }

    private enum State
    {
        CellStart,
        Plain,
        Quoted,
        QuoteSeen,
        SkipLine,
    }

    private enum Scan
    {
        Row,
        More,
        BrokenQuoting,
    }

    public long Row { get; private set; }

    public long Line { get; private set; }

    public RowProblem? Problem { get; private set; }

    public static async Task<CsvRowReader> OpenAsync(
        Stream stream, RowFormat format, IReadOnlyList<RequestedColumn> columns, CancellationToken cancellationToken)
    {
        var reader = new CsvRowReader(stream, format);
        await reader.ReadHeaderAsync(columns, cancellationToken);
        return reader;
    }

    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        do
        {
            if (!await ReadRecordAsync(cancellationToken))
            {
                return false;
            }
        }
        while (Problem is null && _cellCount == 1 && _cells[0].Length == 0);

        Row++;
        if (Problem is null && _cellCount != _header.Length)
        {
            Problem = new RowProblem(
                "", "WRONG_COLUMN_COUNT", $"has {_cellCount} cells where the header has {_header.Length}; look for a missing quote or a surplus delimiter");
        }

        return true;
    }

    public SourceCell Read(int column)
    {
        var place = _places[column];
        if (place < 0)
        {
            return default;
        }

        var range = _cells[place];
        var bytes = _window.Span.Slice(range.Start, range.Length);
        return CellText.Decode(range.Escaped ? Unescape(bytes) : bytes, _columns[column].Name, _format.IsTranscoded);
    }

    public ValueTask DisposeAsync() => _window.DisposeAsync();

    private async Task ReadHeaderAsync(IReadOnlyList<RequestedColumn> columns, CancellationToken cancellationToken)
    {
        if (!await ReadRecordAsync(cancellationToken))
        {
            throw new SourceFileException("EMPTY_FILE", "the file is empty; a CSV file begins with a line of column names");
        }

        if (Problem is { } problem)
        {
            throw new SourceFileException(problem.Reason, $"the first line, which must hold the column names, {problem.Message}");
        }

        _header = new string[_cells.Count];
        for (var i = 0; i < _header.Length; i++)
        {
            var bytes = _window.Span.Slice(_cells[i].Start, _cells[i].Length);
            var cell = CellText.Decode(_cells[i].Escaped ? Unescape(bytes) : bytes, "", _format.IsTranscoded);
            _header[i] = cell.Problem is null
                ? cell.Text?.Trim() ?? ""
                : throw new SourceFileException("WRONG_ENCODING", $"the column names are not in {_format.Encoding}; set `encoding` under `input` in the mapping, e.g. gb18030");
        }

        _columns = [.. columns];
        _places = [.. columns.Select(c => Array.IndexOf(_header, c.Name))];
        var missing = columns.Where((c, i) => _places[i] < 0 && !c.Optional).Select(c => $"`{c.Name}`").ToArray();
        if (missing.Length > 0)
        {
            throw new SourceFileException(
                "MISSING_COLUMNS",
                $"the file has no column {string.Join(", ", missing)}; it has {string.Join(", ", _header.Select(h => $"`{h}`"))}. Correct the mapping's column names or its delimiter, or list the column under `optional_columns`");
        }

        var doubled = columns.FirstOrDefault(c => _header.Count(h => h == c.Name) > 1);
        if (doubled is not null)
        {
            throw new SourceFileException("MISSING_COLUMNS", $"the file has several columns `{doubled.Name}`, so it cannot be told which is meant; rename all but one");
        }
    }

    /// <summary>Reads one record into <see cref="_cells"/> or <see cref="Problem"/>; false at the end.</summary>
    private async ValueTask<bool> ReadRecordAsync(CancellationToken cancellationToken)
    {
        _window.Drop(_consumed);
        _nextLine += _linesInRow;
        BeginRecord();
        while (true)
        {
            switch (ScanOn())
            {
                case Scan.Row:
                    return true;
                case Scan.BrokenQuoting when _dropping:
                    _state = State.SkipLine;
                    break;
                case Scan.BrokenQuoting when !_window.AtEnd && !_window.IsFull && !_window.Span.Contains((byte)'\n'):
                    // The end of the first line has not arrived yet, and that is where reading resumes.
                    await _window.FillAsync(cancellationToken);
                    break;
                case Scan.BrokenQuoting:
                    GiveUpFirstLine("has broken quoting: a closing quote must be followed by the delimiter or the end of the line, and a quote inside a quoted cell is doubled");
                    return true;
                case Scan.More when _window.AtEnd:
                    return FinishAtEnd();
                default:
                    Bound();
                    await _window.FillAsync(cancellationToken);
                    break;
            }
        }
    }

    private void BeginRecord()
    {
        _cells.Clear();
        _state = State.CellStart;
        _at = _cellStart = _cellCount = _consumed = 0;
        _linesInRow = 0;
        _dropping = false;
        Line = _nextLine;
        Problem = null;
    }

    private Scan ScanOn()
    {
        var span = _window.Span;
        while (_at < span.Length)
        {
            switch (_state)
            {
                case State.CellStart:
                    _escaped = false;
                    _cellStart = _at;
                    if (span[_at] == '"')
                    {
                        _state = State.Quoted;
                        _cellStart = ++_at;
                    }
                    else
                    {
                        _state = State.Plain;
                    }

                    break;
                case State.Plain or State.SkipLine:
                    var end = _state is State.Plain ? span[_at..].IndexOfAny(_ends) : span[_at..].IndexOf((byte)'\n');
                    if (end < 0)
                    {
                        _at = span.Length;
                        return Scan.More;
                    }

                    _at += end;
                    if (span[_at] != '\n')
                    {
                        Close(_at++);
                        break;
                    }

                    Close(_at > _cellStart && span[_at - 1] == '\r' ? _at - 1 : _at);
                    return EndRecord(_at + 1);
                case State.Quoted:
                    var quote = span[_at..].IndexOf((byte)'"');
                    var inside = quote < 0 ? span[_at..] : span.Slice(_at, quote);
                    _linesInRow += inside.Count((byte)'\n');
                    _at += inside.Length;
                    if (quote < 0)
                    {
                        return Scan.More;
                    }

                    _at++;
                    _state = State.QuoteSeen;
                    break;
                case State.QuoteSeen when span[_at] == '"':
                    _escaped = true;
                    _at++;
                    _state = State.Quoted;
                    break;
                case State.QuoteSeen when span[_at] == _delimiter:
                    Close(_at - 1);
                    _at++;
                    break;
                case State.QuoteSeen when span[_at] == '\n':
                    Close(_at - 1);
                    return EndRecord(_at + 1);
                case State.QuoteSeen when span[_at] == '\r':
                    if (_at + 1 == span.Length && !_window.AtEnd)
                    {
                        return Scan.More;
                    }

                    if (_at + 1 < span.Length && span[_at + 1] != '\n')
                    {
                        return Scan.BrokenQuoting;
                    }

                    Close(_at - 1);
                    return EndRecord(Math.Min(_at + 2, span.Length));
                default:
                    return Scan.BrokenQuoting;
            }
        }

        return Scan.More;
    }

    private void Close(int end)
    {
        if (!_dropping && _cells.Count < KeptCells)
        {
            if (end - _cellStart > _format.MaxCellBytes)
            {
                Problem ??= CellText.TooLarge(CurrentColumn, _format.MaxCellBytes);
            }

            _cells.Add(new CellRange(_cellStart, end - _cellStart, _escaped));
        }

        _cellCount++;
        _state = State.CellStart;
    }

    private string CurrentColumn => _cellCount < _header.Length ? _header[_cellCount] : "";

    private Scan EndRecord(int end)
    {
        _consumed = end;
        _linesInRow++;
        if (_dropping && _linesInRow > 1)
        {
            Problem = Problem! with { Message = $"{Problem.Message}; the row took lines {Line} to {Line + _linesInRow - 1}" };
        }

        return Scan.Row;
    }

    /// <summary>Keeps memory bounded: a cell or row over its bound becomes a problem, and what was read of it is dropped.</summary>
    private void Bound()
    {
        if (!_dropping && (_at - _cellStart > _format.MaxCellBytes || _window.IsFull))
        {
            Problem ??= _at - _cellStart > _format.MaxCellBytes
                ? CellText.TooLarge(CurrentColumn, _format.MaxCellBytes)
                : new RowProblem("", "ROW_TOO_LARGE", $"is larger than {_format.MaxCellBytes * 4L} bytes; shorten it or raise `max_cell_bytes` under `input` in the mapping");
            _dropping = true;
        }

        if (_dropping && _at > 0)
        {
            // The byte before a possible line end decides nothing here: only the state is carried on.
            _window.Drop(_at);
            _at = 0;
            _cellStart = 0;
        }
    }

    private bool FinishAtEnd()
    {
        if (_state is State.Quoted)
        {
            if (_dropping)
            {
                Problem = Problem! with { Message = $"{Problem.Message}; its quote, opened in line {Line}, is never closed, so the {_linesInRow} lines to the end of the file went with it" };
                _consumed = _at;
                return true;
            }

            GiveUpFirstLine("opens a quote that is never closed");
            return true;
        }

        if (_at == 0 && _cellCount == 0 && !_dropping)
        {
            return false;
        }

        Close(_state switch { State.QuoteSeen => _at - 1, State.CellStart => _cellStart = _at, _ => _at });
        EndRecord(_at);
        return true;
    }

    /// <summary>The record is bad; the next one begins with the line after its first, so that nothing else is lost with it.</summary>
    private void GiveUpFirstLine(string message)
    {
        var column = CurrentColumn;
        var end = _window.Span.IndexOf((byte)'\n');
        Problem = new RowProblem(column, "BROKEN_QUOTING", message);
        _consumed = end < 0 ? _window.Span.Length : end + 1;
        _linesInRow = 1;
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> bytes)
    {
        if (_unescaped.Length < bytes.Length)
        {
            _unescaped = new byte[Math.Max(bytes.Length, 1024)];
        }

        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            _unescaped[length++] = bytes[i];
            if (bytes[i] == '"')
            {
                i++;
            }
        }

        return _unescaped.AsSpan(0, length);
    }

    private readonly record struct CellRange(int Start, int Length, bool Escaped);
}
