using System.IO.Compression;

namespace Grpc.Net.Compression;

/// <summary>The encoding <c>gzip</c>.</summary>
public sealed class GzipCompressionProvider : ICompressionProvider
{
    private readonly CompressionLevel defaultCompressionLevel;

    /// <summary>Compresses at this level unless a message asks for another.</summary>
    public GzipCompressionProvider(CompressionLevel defaultCompressionLevel) => this.defaultCompressionLevel = defaultCompressionLevel;

    /// <inheritdoc/>
    public string EncodingName => "gzip";

    /// <inheritdoc/>
    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new GZipStream(stream, compressionLevel ?? defaultCompressionLevel, leaveOpen: true);

    /// <inheritdoc/>
    public Stream CreateDecompressionStream(Stream stream) => new GZipStream(stream, CompressionMode.Decompress);
}
