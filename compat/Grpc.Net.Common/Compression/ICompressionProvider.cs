using System.IO.Compression;

namespace Grpc.Net.Compression;

/// <summary>Compresses messages in one encoding.</summary>
public interface ICompressionProvider
{
    /// <summary>Name of the encoding in the <c>grpc-encoding</c> header.</summary>
    string EncodingName { get; }

    /// <summary>Compresses into <paramref name="stream"/>, which stays open; null takes the provider's level.</summary>
    Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel);

    /// <summary>Decompresses from <paramref name="stream"/>.</summary>
    Stream CreateDecompressionStream(Stream stream);
}
