namespace Exchange.Clients.Files;

/// <summary>The part of a stream that a reader looks at: grows to a bound, drops what the reader is done with.</summary>
internal sealed class ByteWindow(Stream stream, int maxBytes) : IAsyncDisposable
{
    private byte[] _bytes = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>True once the stream has no more bytes than the window holds.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>True when the window cannot grow: the reader must drop something first.</summary>
    public bool IsFull => _end - _start >= maxBytes;

    /// <summary>What is there. Valid until the next call of another member.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(_start, _end - _start);

    /// <summary>As <see cref="Span"/>.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(_start, _end - _start);

    /// <summary>Drops the first bytes.</summary>
    public void Drop(int count) => _start += count;

    /// <summary>Reads more bytes, or finds the end.</summary>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0 && (_start == _end || _end == _bytes.Length))
        {
            Buffer.BlockCopy(_bytes, _start, _bytes, 0, _end - _start);
            _end -= _start;
            _start = 0;
        }

        if (_end == _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        var read = await stream.ReadAsync(_bytes.AsMemory(_end), cancellationToken);
        _end += read;
        AtEnd = read == 0;
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
