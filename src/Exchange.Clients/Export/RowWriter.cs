using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Exchange.Clients.Files;
using Exchange.Protos.V1;
using Google.Protobuf.Collections;

namespace Exchange.Clients.Export;

/// <summary>
/// Writes pulled rows and followed changes as JSON Lines or CSV, one at a time. The hub's own items are named with a `_` before
/// (`_record_id`, `_version`), which no field's name begins with. What a source has for a code stands behind it in JSON, as `status$source`; CSV has the
/// codes alone.
/// </summary>
public sealed class RowWriter : IAsyncDisposable
{
    private static readonly string[] _changeItems = ["_kind", "_record_id", "_version", "_partition", "_position", "_record_time", "_department", "_columns", "_withdrawn", "_omitted"];

    private readonly Stream _stream;
    private readonly bool _csv;
    private readonly bool _forSpreadsheet;
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private readonly Utf8JsonWriter _json;
    private readonly StringBuilder _line = new();

    /// <summary>Writes to a stream, which it then owns.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="format">How; unspecified is JSON Lines.</param>
    /// <param name="forSpreadsheet">For CSV: makes formulas harmless (<see cref="CsvLine.Append"/>).</param>
    public RowWriter(Stream stream, OutputFormat format, bool forSpreadsheet)
    {
        _stream = stream;
        _csv = format is OutputFormat.Csv;
        _forSpreadsheet = forSpreadsheet;
        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    /// <summary>Begins a file of rows: the header of CSV.</summary>
    public ValueTask BeginRowsAsync(IReadOnlyList<Column> columns, CancellationToken cancellationToken) =>
        BeginAsync(["_record_id", "_version", .. columns.Select(c => c.Field)], cancellationToken);

    /// <summary>Begins a file of changes: the header of CSV.</summary>
    public ValueTask BeginChangesAsync(IReadOnlyList<Column> columns, CancellationToken cancellationToken) =>
        BeginAsync([.. _changeItems, .. columns.Select(c => c.Field)], cancellationToken);

    /// <summary>Writes one batch of a pull.</summary>
    public ValueTask WriteAsync(RecordBatch batch, IReadOnlyList<Column> columns, CancellationToken cancellationToken)
    {
        foreach (var row in batch.Rows)
        {
            if (_csv)
            {
                Line([ValueText.RecordId(row.RecordId), Number(row.Version), .. row.Values.Select(ValueText.Of)]);
                continue;
            }

            _json.WriteStartObject();
            _json.WriteString("_record_id", ValueText.RecordId(row.RecordId));
            _json.WriteNumber("_version", row.Version);
            for (var i = 0; i < row.Values.Count; i++)
            {
                WriteMember(columns[i].Field, row.Values[i]);
            }

            EndLine();
        }

        return FlushAsync(cancellationToken);
    }

    /// <summary>Writes the changes of one batch of a feed.</summary>
    public ValueTask WriteAsync(FeedBatch batch, IReadOnlyList<Column> columns, CancellationToken cancellationToken)
    {
        foreach (var change in batch.Changes)
        {
            if (_csv)
            {
                Line(Cells(change, columns));
            }
            else
            {
                WriteChange(change, columns);
            }
        }

        return FlushAsync(cancellationToken);
    }

    /// <summary>Returns when everything written so far is on disk, so that a checkpoint may be stored after it. Does nothing for what is no file.</summary>
    public ValueTask ToDiskAsync(CancellationToken cancellationToken) => _stream is OutputStream file ? file.ToDiskAsync(cancellationToken) : ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _json.DisposeAsync();
        await _stream.DisposeAsync();
    }

    private static IEnumerable<string?> Cells(Change change, IReadOnlyList<Column> columns)
    {
        var values = new string?[columns.Count];
        for (var i = 0; i < change.Columns.Count; i++)
        {
            values[change.Columns[i]] = ValueText.Of(change.Values[i]);
        }

        return
        [
            Kind(change.Kind), ValueText.RecordId(change.RecordId), Number(change.Version), Number(change.Partition), Number(change.Position), Time(change), change.Department,
            Names(change.Columns, columns), Names(change.WithdrawnColumns, columns), Names(change.OmittedColumns, columns), .. values,
        ];
    }

    private void WriteChange(Change change, IReadOnlyList<Column> columns)
    {
        _json.WriteStartObject();
        _json.WriteString("_kind", Kind(change.Kind));
        _json.WriteString("_record_id", ValueText.RecordId(change.RecordId));
        _json.WriteNumber("_version", change.Version);
        _json.WriteNumber("_partition", change.Partition);
        _json.WriteNumber("_position", change.Position);
        _json.WriteString("_record_time", Time(change));
        _json.WriteString("_department", change.Department);
        WriteNames("_withdrawn", change.WithdrawnColumns, columns);
        WriteNames("_omitted", change.OmittedColumns, columns);
        for (var i = 0; i < change.Columns.Count; i++)
        {
            WriteMember(columns[change.Columns[i]].Field, change.Values[i]);
        }

        EndLine();
    }

    private void WriteNames(string member, RepeatedField<int> indexes, IReadOnlyList<Column> columns)
    {
        if (indexes.Count is 0)
        {
            return;
        }

        _json.WriteStartArray(member);
        foreach (var index in indexes)
        {
            _json.WriteStringValue(columns[index].Field);
        }

        _json.WriteEndArray();
    }

    private static string Names(RepeatedField<int> indexes, IReadOnlyList<Column> columns) => string.Join(' ', indexes.Select(index => columns[index].Field));

    private static string Kind(ChangeKind kind) => kind.ToString().ToUpperInvariant();

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string? Time(Change change) => change.RecordTime is { } time ? ValueText.Of(new Value { Timestamp = time }) : null;

    private ValueTask BeginAsync(IEnumerable<string> header, CancellationToken cancellationToken)
    {
        if (!_csv)
        {
            return ValueTask.CompletedTask;
        }

        Line(header);
        return FlushAsync(cancellationToken);
    }

    private void WriteMember(string name, Value value)
    {
        _json.WritePropertyName(name);
        ValueText.Write(_json, value);
        if (ValueText.SourceOf(value) is { } source)
        {
            _json.WriteString($"{name}$source", source);
        }
    }

    private void Line(IEnumerable<string?> cells)
    {
        _line.Clear();
        CsvLine.Append(_line, cells, _forSpreadsheet);
        foreach (var chunk in _line.GetChunks())
        {
            Encoding.UTF8.GetBytes(chunk.Span, _buffer);
        }
    }

    private void EndLine()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _buffer.Write("\n"u8);
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(_buffer.WrittenMemory, cancellationToken);
        await _stream.FlushAsync(cancellationToken);
        _buffer.ResetWrittenCount();
    }
}
