using System.IO.Compression;
using System.Text;
using Grpc.Net.Compression;

namespace Grpc.Core.Api.Tests.Streams;

public sealed class CompressionTests
{
    private static readonly byte[] Text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("路灯不亮 street light out; ", 500)));

    public static TheoryData<string> Encodings => ["gzip", "deflate"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void What_is_compressed_comes_back(string encoding)
    {
        var provider = Provider(encoding);

        var compressed = Compress(provider, null);

        Assert.Equal(encoding, provider.EncodingName);
        Assert.True(compressed.Length < Text.Length / 10, $"{Text.Length} bytes became {compressed.Length}");
        Assert.Equal(Text, Decompress(provider, compressed));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_message_may_ask_for_its_own_level(string encoding)
    {
        var stored = Compress(Provider(encoding), CompressionLevel.NoCompression);

        Assert.True(stored.Length >= Text.Length);
        Assert.Equal(Text, Decompress(Provider(encoding), stored));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Without_one_it_gets_the_level_of_the_provider(string encoding)
    {
        ICompressionProvider storing = encoding == "gzip"
            ? new GzipCompressionProvider(CompressionLevel.NoCompression)
            : new DeflateCompressionProvider(CompressionLevel.NoCompression);

        Assert.True(Compress(storing, null).Length >= Text.Length);
        Assert.True(Compress(storing, CompressionLevel.Optimal).Length < Text.Length / 10);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void The_stream_written_to_stays_open(string encoding)
    {
        using var target = new MemoryStream();

        Provider(encoding).CreateCompressionStream(target, null).Dispose();

        Assert.True(target.CanWrite);
    }

    [Fact]
    public void Gzip_is_read_by_any_gzip_reader()
    {
        using var reader = new GZipStream(new MemoryStream(Compress(Provider("gzip"), null)), CompressionMode.Decompress);
        using var result = new MemoryStream();
        reader.CopyTo(result);

        Assert.Equal(Text, result.ToArray());
    }

    [Fact]
    public void Deflate_is_in_the_zlib_format()
    {
        // RFC 1950 section 2.2: method 8 in the low nibble, and the first two bytes are a multiple of 31.
        var compressed = Compress(Provider("deflate"), null);

        Assert.Equal(8, compressed[0] & 0x0F);
        Assert.Equal(0, ((compressed[0] << 8) + compressed[1]) % 31);
    }

    private static ICompressionProvider Provider(string encoding) => encoding switch
    {
        "gzip" => new GzipCompressionProvider(CompressionLevel.Fastest),
        _ => new DeflateCompressionProvider(CompressionLevel.Fastest),
    };

    private static byte[] Compress(ICompressionProvider provider, CompressionLevel? level)
    {
        using var target = new MemoryStream();
        using (var compression = provider.CreateCompressionStream(target, level))
        {
            compression.Write(Text);
        }

        return target.ToArray();
    }

    private static byte[] Decompress(ICompressionProvider provider, byte[] compressed)
    {
        using var decompression = provider.CreateDecompressionStream(new MemoryStream(compressed));
        using var result = new MemoryStream();
        decompression.CopyTo(result);
        return result.ToArray();
    }
}
