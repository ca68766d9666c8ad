using System.Buffers.Binary;
using System.IO.Compression;

namespace Exchange.Clients.Files;

/// <summary>
/// Unpacks gzip and notices a cut file: GZipStream takes the end of its input for the end of the data, so that half a
/// file would pass for a whole one. The length in the trailer (RFC 1952 section 2.3.1) tells.
/// </summary>
internal sealed class GzipInput : Stream
{
    private readonly TailStream _packed;
    private readonly GZipStream _unpacked;
    private uint _length;

    public GzipInput(Stream packed)
    {
        _packed = new TailStream(packed);
        _unpacked = new GZipStream(_packed, CompressionMode.Decompress);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            return Count(_unpacked.Read(buffer, offset, count), count);
        }
        catch (InvalidDataException e)
        {
            throw Broken(e);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Count(await _unpacked.ReadAsync(buffer, cancellationToken), buffer.Length);
        }
        catch (InvalidDataException e)
        {
            throw Broken(e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _unpacked.Dispose();
        }

        base.Dispose(disposing);
    }

    private static SourceFileException Broken(Exception inner) =>
        new("BROKEN_GZIP", "the file is damaged: its gzip data cannot be unpacked; fetch it again", inner);

    private int Count(int read, int wanted)
    {
        _length = unchecked(_length + (uint)read);
        if (read == 0 && wanted > 0 && _packed.Trailer != _length)
        {
            throw new SourceFileException(
                "TRUNCATED_FILE",
                "the file ends early: the length in its gzip trailer is not that of its data; fetch it again (a file of several gzip members must be packed anew as one)");
        }

        return read;
    }

    /// <summary>Passes bytes on and remembers the last four.</summary>
    private sealed class TailStream(Stream inner) : Stream
    {
        private readonly byte[] _tail = new byte[4];

        public uint Trailer => BinaryPrimitives.ReadUInt32LittleEndian(_tail);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, count);
            Remember(buffer.AsSpan(offset, read));
            return read;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Remember(buffer.Span[..read]);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private void Remember(ReadOnlySpan<byte> read)
        {
            if (read.Length >= 4)
            {
                read[^4..].CopyTo(_tail);
                return;
            }

            _tail.AsSpan(read.Length).ToArray().CopyTo(_tail, 0);
            read.CopyTo(_tail.AsSpan(4 - read.Length));
        }
    }
}
