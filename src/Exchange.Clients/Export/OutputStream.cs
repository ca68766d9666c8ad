using System.IO.Compression;

namespace Exchange.Clients.Export;

/// <summary>A file that rows are written to, packed or not, and that can be made durable while it grows.</summary>
internal sealed class OutputStream(FileStream file, bool isPacked) : Stream
{
    /// <summary>RFC 1952: a member of no data, which GZipStream does not write.</summary>
    private static readonly byte[] _empty = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private GZipStream? _member;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    private Stream Target => isPacked ? _member ??= new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true) : file;

    /// <summary>
    /// Returns when everything written so far is on disk and readable, whatever happens next. Of a packed file it ends the gzip member: a member
    /// without its end could not be followed by another one.
    /// </summary>
    public async ValueTask ToDiskAsync(CancellationToken cancellationToken)
    {
        await EndMemberAsync();
        await file.FlushAsync(cancellationToken);
        file.Flush(flushToDisk: true);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.IsEmpty ? ValueTask.CompletedTask : Target.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => Target.Write(buffer, offset, count);

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_member is not null)
        {
            await _member.FlushAsync(cancellationToken);
        }

        await file.FlushAsync(cancellationToken);
    }

    public override void Flush()
    {
        _member?.Flush();
        file.Flush();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await EndMemberAsync();
            if (isPacked && file is { CanSeek: true, Length: 0 })
            {
                await file.WriteAsync(_empty);
            }
        }
        finally
        {
            await file.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _member?.Dispose();
            file.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask EndMemberAsync()
    {
        if (_member is { } member)
        {
            _member = null;
            await member.DisposeAsync();
        }
    }
}
