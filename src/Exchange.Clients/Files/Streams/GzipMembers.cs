using System.Buffers.Binary;

namespace Exchange.Clients.Files;

/// <summary>
/// Packed bytes that pause before every place where a gzip member might begin: reading then gives nothing until <see cref="Resume"/>. Whether one
/// does begin there is for the caller to tell by the <see cref="Trailer"/>: the bytes of a header also occur inside of packed data.
/// </summary>
internal sealed class GzipMembers(Stream inner) : ForwardStream
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly byte[] _tail = new byte[4];
    private int _given;
    private int _end;
    private bool _ended;
    private bool _passed = true;

    /// <summary>The last four bytes given; at the end of a member the length of its data modulo 2^32.</summary>
    public uint Trailer => BinaryPrimitives.ReadUInt32LittleEndian(_tail);

    /// <summary>Bytes given so far.</summary>
    public long Given { get; private set; }

    /// <summary>True once everything was given.</summary>
    public bool AtEnd => _ended && _given == _end;

    /// <summary>True when a member might begin here, and <see cref="Resume"/> was not called yet.</summary>
    public bool IsPaused => !_passed && _buffer.AsSpan(_given, _end - _given).StartsWith(Header);

    private static ReadOnlySpan<byte> Header => [0x1f, 0x8b, 0x08];

    /// <summary>Goes on after a pause.</summary>
    public void Resume() => _passed = true;

    public override int Read(byte[] buffer, int offset, int count)
    {
        while (NeedsMore())
        {
            Took(inner.Read(_buffer, _end, _buffer.Length - _end));
        }

        return Give(buffer.AsSpan(offset, count));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (NeedsMore())
        {
            Took(await inner.ReadAsync(_buffer.AsMemory(_end), cancellationToken));
        }

        return Give(buffer.Span);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>True while too few bytes are there to tell whether a header stands at their beginning.</summary>
    private bool NeedsMore()
    {
        if (_ended || _end - _given >= Header.Length)
        {
            return false;
        }

        _buffer.AsSpan(_given, _end - _given).CopyTo(_buffer);
        (_given, _end) = (0, _end - _given);
        return true;
    }

    private void Took(int read)
    {
        _end += read;
        _ended = read == 0;
    }

    private int Give(Span<byte> target)
    {
        var rest = _buffer.AsSpan(_given, _end - _given);
        var first = _passed && rest.Length > 0 ? 1 : 0;
        var header = rest[first..].IndexOf(Header);

        // The last two bytes may be the first of a header whose third has not arrived yet.
        var until = header >= 0 ? first + header : _ended ? rest.Length : rest.Length - Header.Length + 1;
        var count = Math.Min(until, target.Length);
        if (count == 0)
        {
            return 0;
        }

        Remember(rest[..count]);
        rest[..count].CopyTo(target);
        _given += count;
        Given += count;
        _passed = false;
        return count;
    }

    private void Remember(ReadOnlySpan<byte> given)
    {
        if (given.Length >= _tail.Length)
        {
            given[^_tail.Length..].CopyTo(_tail);
            return;
        }

        _tail.AsSpan(given.Length).ToArray().CopyTo(_tail, 0);
        given.CopyTo(_tail.AsSpan(_tail.Length - given.Length));
    }
}
