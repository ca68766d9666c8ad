using System.IO.Compression;

namespace Grpc.Net.Compression;

/// <summary>The encoding <c>deflate</c>, which in HTTP means the zlib format (RFC 9110 section 8.4.1.2), not a bare deflate stream.</summary>
public sealed class DeflateCompressionProvider : ICompressionProvider
{
    private readonly CompressionLevel defaultCompressionLevel;

    /// <summary>Compresses at this level unless a message asks for another.</summary>
    public DeflateCompressionProvider(CompressionLevel defaultCompressionLevel) => this.defaultCompressionLevel = defaultCompressionLevel;

    /// <inheritdoc/>
    public string EncodingName => "deflate";

    /// <inheritdoc/>
    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new ZLibStream(stream, compressionLevel ?? defaultCompressionLevel, leaveOpen: true);

    /// <inheritdoc/>
    public Stream CreateDecompressionStream(Stream stream) => new ZLibStream(stream, CompressionMode.Decompress);
}
