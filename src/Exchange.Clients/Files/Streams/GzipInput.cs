using System.IO.Compression;

namespace Exchange.Clients.Files;

/// <summary>
/// Unpacks gzip, of one member or several in a row (RFC 1952 section 2.2), and notices a cut file: GZipStream takes the end of its input for the
/// end of the data, so that half a file would pass for a whole one. The length in each member's trailer (section 2.3.1) tells.
/// </summary>
internal sealed class GzipInput : ForwardStream
{
    private readonly GzipMembers _packed;
    private GZipStream _member;
    private uint _length;

    public GzipInput(Stream packed)
    {
        _packed = new GzipMembers(packed);
        _member = Next();
    }

    /// <summary>Packed bytes up to the end of the last member that was read whole.</summary>
    public long WholeLength { get; private set; }

    public override int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            var read = 0;
            while (count > 0 && (read = _member.Read(buffer, offset, count)) == 0 && GoOn())
            {
            }

            return Count(read);
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
            var read = 0;
            while (buffer.Length > 0 && (read = await _member.ReadAsync(buffer, cancellationToken)) == 0 && GoOn())
            {
            }

            return Count(read);
        }
        catch (InvalidDataException e)
        {
            throw Broken(e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _member.Dispose();
            _packed.Dispose();
        }

        base.Dispose(disposing);
    }

    private static SourceFileException Broken(Exception inner) =>
        new("BROKEN_GZIP", "the file is damaged: its gzip data cannot be unpacked; fetch it again", inner);

    private GZipStream Next() => new(_packed, CompressionMode.Decompress, leaveOpen: true);

    private int Count(int read)
    {
        _length = unchecked(_length + (uint)read);
        return read;
    }

    /// <summary>The unpacked bytes have come to an end, or to where a member might begin; true when there is more.</summary>
    private bool GoOn()
    {
        var isWhole = _packed.Trailer == _length;
        WholeLength = isWhole ? _packed.Given : WholeLength;
        if (_packed.AtEnd)
        {
            return isWhole ? false : throw new SourceFileException(
                "TRUNCATED_FILE", "the file ends early: the length in its gzip trailer is not that of its data; fetch it again");
        }

        if (!_packed.IsPaused)
        {
            throw Broken(new InvalidDataException("bytes that are no gzip member stand behind one"));
        }

        _packed.Resume();
        if (isWhole)
        {
            _member.Dispose();
            _member = Next();
            _length = 0;
        }

        return true;
    }
}
