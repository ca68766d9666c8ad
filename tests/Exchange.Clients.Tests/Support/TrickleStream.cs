namespace Exchange.Clients.Tests.Support;

/// <summary>Gives at most so many bytes at a time, as a slow disk or network would.</summary>
internal sealed class TrickleStream(byte[] bytes, int step) : MemoryStream(bytes)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(step, count));
}
