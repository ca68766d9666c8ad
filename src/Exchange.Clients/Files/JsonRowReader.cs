using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Exchange.Clients.Files;

/// <summary>
/// Reads JSON objects, one a line or as one array, each within a bound. An object that is no JSON costs that row; in an
/// array with a broken string the rest cannot be told apart and becomes one bad row.
/// </summary>
internal sealed class JsonRowReader : IRowReader
{
    private static readonly SearchValues<byte> _structure = SearchValues.Create("\"{}[],\n"u8);
    private static readonly SearchValues<byte> _inString = SearchValues.Create("\"\\\n"u8);

    private readonly ByteWindow _window;
    private readonly RowFormat _format;
    private readonly RequestedColumn[] _columns;
    private readonly string[][] _paths;
    private Layout _layout;
    private JsonDocument? _document;

    private int _at;
    private int _depth;
    private bool _string;
    private int _consumed;
    private long _nextLine = 1;
    private long _linesInRow;
    private bool _dropping;
    private bool _closed;

    public JsonRowReader(Stream stream, RowFormat format, IReadOnlyList<RequestedColumn> columns)
    {
        _window = new ByteWindow(stream, format.MaxCellBytes * 4);
        _format = format;
        _columns = [.. columns];
        _paths = [.. columns.Select(c => c.Name.Split('.'))];
    }

    private enum Layout
    {
        Unknown,
        Lines,
        Array,
    }

    public long Row { get; private set; }

    public long Line { get; private set; }

    public RowProblem? Problem { get; private set; }

    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await BeginAsync(cancellationToken))
        {
            return false;
        }

        while (true)
        {
            var end = _layout is Layout.Lines ? LineEnd() : ElementEnd();
            if (end >= 0 || _window.AtEnd)
            {
                Finish(end);
                Row++;
                return true;
            }

            if (_window.IsFull && !_dropping)
            {
                Problem = new RowProblem("", "ROW_TOO_LARGE", $"is larger than {_format.MaxCellBytes * 4L} bytes; shorten it or raise `max_cell_bytes` under `input` in the mapping");
                _dropping = true;
            }

            if (_dropping)
            {
                _window.Drop(_at);
                _at = 0;
            }

            await _window.FillAsync(cancellationToken);
        }
    }

    public SourceCell Read(int column)
    {
        var element = _document!.RootElement;
        var name = _columns[column].Name;
        if (!element.TryGetProperty(name, out var found) && !Find(element, _paths[column], out found))
        {
            return default;
        }

        try
        {
            return Cell(found, name);
        }
        catch (InvalidOperationException)
        {
            return new SourceCell(null, null, CellText.InvalidEncoding(name));
        }
    }

    public ValueTask DisposeAsync()
    {
        _document?.Dispose();
        return _window.DisposeAsync();
    }

    private static bool Find(JsonElement element, string[] path, out JsonElement found)
    {
        found = element;
        foreach (var step in path)
        {
            switch (found.ValueKind)
            {
                case JsonValueKind.Object when found.TryGetProperty(step, out var member):
                    found = member;
                    break;
                case JsonValueKind.Array when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < found.GetArrayLength():
                    found = found[index];
                    break;
                default:
                    return false;
            }
        }

        return path.Length > 1;
    }

    private SourceCell Cell(JsonElement value, string column)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return default;
            case JsonValueKind.Array:
                var items = new List<string>();
                foreach (var item in value.EnumerateArray())
                {
                    var cell = Cell(item, column);
                    if (cell.Problem is not null || cell.Items is not null)
                    {
                        return cell.Problem is not null ? cell : new SourceCell(null, null, new RowProblem(column, "WRONG_TYPE", "holds a list inside a list"));
                    }

                    if (cell.Text is not null)
                    {
                        items.Add(cell.Text);
                    }
                }

                return items.Count == 0 ? default : new SourceCell(null, items);
            default:
                var text = value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();
                return text.Length == 0
                    ? default
                    : text.Length > _format.MaxCellBytes || Encoding.UTF8.GetByteCount(text) > _format.MaxCellBytes
                        ? new SourceCell(null, null, CellText.TooLarge(column, _format.MaxCellBytes))
                        : CellText.Check(text, column, _format.IsTranscoded) is { } problem ? new SourceCell(null, null, problem) : new SourceCell(text);
        }
    }

    /// <summary>Skips to the next object; false at the end of the rows.</summary>
    private async ValueTask<bool> BeginAsync(CancellationToken cancellationToken)
    {
        _window.Drop(_consumed);
        _nextLine += _linesInRow;
        _consumed = _at = _depth = 0;
        _linesInRow = 0;
        _string = _dropping = false;
        Problem = null;
        while (true)
        {
            if (_window.Span.IsEmpty)
            {
                if (_window.AtEnd)
                {
                    return _layout is Layout.Array && !_closed
                        ? throw new SourceFileException("TRUNCATED_FILE", "the file ends before the `]` of its array; fetch it again")
                        : false;
                }

                await _window.FillAsync(cancellationToken);
                continue;
            }

            var first = _window.Span[0];
            if (first is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' || (_layout is Layout.Array && first is (byte)','))
            {
                _nextLine += first is (byte)'\n' ? 1 : 0;
            }
            else if (_layout is Layout.Unknown && first is (byte)'[')
            {
                _layout = Layout.Array;
            }
            else if (_layout is Layout.Array && first is (byte)']')
            {
                _closed = true;
            }
            else
            {
                _layout = _layout is Layout.Unknown ? Layout.Lines : _layout;
                Line = _nextLine;
                return true;
            }

            _window.Drop(1);
        }
    }

    private int LineEnd()
    {
        var end = _window.Span[_at..].IndexOf((byte)'\n');
        _at = end < 0 ? _window.Span.Length : _at + end;
        return end < 0 ? -1 : _at;
    }

    private int ElementEnd()
    {
        var span = _window.Span;
        while (_at < span.Length)
        {
            var next = span[_at..].IndexOfAny(_string ? _inString : _structure);
            if (next < 0)
            {
                _at = span.Length;
                return -1;
            }

            _at += next;
            switch (span[_at])
            {
                case (byte)'\\':
                    if (_at + 1 == span.Length)
                    {
                        return -1;
                    }

                    _at++;
                    break;
                case (byte)'"':
                    _string = !_string;
                    break;
                case (byte)'\n':
                    _linesInRow++;
                    break;
                case (byte)'{' or (byte)'[':
                    _depth++;
                    break;
                case (byte)',' or (byte)']' when _depth == 0:
                    return _at;
                case (byte)'}' or (byte)']':
                    _depth--;
                    if (_depth <= 0)
                    {
                        return ++_at;
                    }

                    break;
                default:
                    break;
            }

            _at++;
        }

        return -1;
    }

    private void Finish(int end)
    {
        _consumed = end < 0 ? _window.Span.Length : end;
        if (Problem is not null)
        {
            return;
        }

        _document?.Dispose();
        _document = null;
        try
        {
            _document = JsonDocument.Parse(_window.Memory[.._consumed], new JsonDocumentOptions { MaxDepth = 64 });
            if (_document.RootElement.ValueKind is not JsonValueKind.Object)
            {
                Problem = new RowProblem("", "INVALID_JSON", "is no JSON object; every row must be one");
            }
        }
        catch (JsonException)
        {
            Problem = new RowProblem("", "INVALID_JSON", "is no valid JSON; write one object a line, or one array of objects");
        }
    }
}
