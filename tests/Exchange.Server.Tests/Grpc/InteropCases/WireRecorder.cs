using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;

namespace Exchange.Server.Tests.Grpc.InteropCases;

/// <summary>Notes, on the client's side, which messages of a channel were sent and came packed, in order: the flag before each on the wire.</summary>
internal sealed class WireRecorder(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>Of the messages that were sent.</summary>
    public ConcurrentQueue<bool> Sent { get; } = [];

    /// <summary>Of the messages that came.</summary>
    public ConcurrentQueue<bool> Received { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content)
        {
            request.Content = new RecordedContent(content, new FrameFlags(Sent));
        }

        var response = await base.SendAsync(request, cancellationToken);
        var recorded = new StreamContent(new RecordedStream(await response.Content.ReadAsStreamAsync(cancellationToken), new FrameFlags(Received)));
        foreach (var (name, values) in response.Content.Headers)
        {
            recorded.Headers.TryAddWithoutValidation(name, values);
        }

        response.Content = recorded;
        return response;
    }

    /// <summary>Finds the flags in the bytes of a body, however they are cut.</summary>
    private sealed class FrameFlags(ConcurrentQueue<bool> flags)
    {
        private readonly byte[] head = new byte[5];
        private int headBytes;
        private int left;

        public void Pass(ReadOnlySpan<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                var taken = Math.Min(bytes.Length, left > 0 ? left : head.Length - headBytes);
                if (left > 0)
                {
                    left -= taken;
                }
                else
                {
                    bytes[..taken].CopyTo(head.AsSpan(headBytes));
                    headBytes += taken;
                    if (headBytes == head.Length)
                    {
                        flags.Enqueue(head[0] is 1);
                        (left, headBytes) = (BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)), 0);
                    }
                }

                bytes = bytes[taken..];
            }
        }
    }

    private sealed class RecordedContent : HttpContent
    {
        private readonly HttpContent content;
        private readonly FrameFlags flags;

        public RecordedContent(HttpContent content, FrameFlags flags)
        {
            (this.content, this.flags) = (content, flags);
            foreach (var (name, values) in content.Headers)
            {
                Headers.TryAddWithoutValidation(name, values);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => content.CopyToAsync(new RecordedStream(stream, flags), context);

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }

    private sealed class RecordedStream(Stream stream, FrameFlags flags) : Stream
    {
        public override bool CanRead => stream.CanRead;

        public override bool CanSeek => false;

        public override bool CanWrite => stream.CanWrite;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken);
            flags.Pass(buffer.Span[..read]);
            return read;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            flags.Pass(buffer.Span);
            await stream.WriteAsync(buffer, cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => stream.FlushAsync(cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => stream.Flush();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                stream.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
