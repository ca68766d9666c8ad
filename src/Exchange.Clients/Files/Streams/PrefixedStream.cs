namespace Exchange.Clients.Files;

/// <summary>A stream whose first bytes were already read: gives them again, then the rest. Reads forward only.</summary>
internal sealed class PrefixedStream(byte[] prefix, Stream rest) : ForwardStream
{
    private int _given;

    public override int Read(byte[] buffer, int offset, int count) =>
        Give(buffer.AsSpan(offset, count)) is var given and > 0 ? given : rest.Read(buffer, offset, count);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Give(buffer.Span) is var given and > 0 ? ValueTask.FromResult(given) : rest.ReadAsync(buffer, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            rest.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Give(Span<byte> target)
    {
        var count = Math.Min(prefix.Length - _given, target.Length);
        prefix.AsSpan(_given, count).CopyTo(target);
        _given += count;
        return count;
    }
}
