using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog;
using Exchange.Server.Feed;

namespace Exchange.Server.Tests.Feed;

public sealed class CheckpointCodecTests
{
    private static readonly Guid Generation = Guid.Parse("5a3ac1a7-2c2e-4d4f-8d2b-111111111111");
    private static readonly ClientId Client = new("grid-1");
    private static readonly byte[] Fingerprint = Of("status = \"OPEN\"");
    private static readonly ReadMark Mark = new(new Dictionary<int, long> { [8] = 0, [1] = 17, [136] = long.MaxValue }, [1, 2, 3]);

    private readonly CheckpointCodec codec = new(new TokenSeal(new byte[32]));

    [Fact]
    public void A_checkpoint_gives_back_its_positions_and_what_was_seen()
    {
        var text = codec.Encode(Client, Generation, Fingerprint, Mark);

        var mark = codec.Decode(Client, Generation, Fingerprint, text).Value;
        Assert.Equal(Mark.Positions.OrderBy(item => item.Key), mark.Positions.OrderBy(item => item.Key));
        Assert.Equal(Mark.Seen, mark.Seen);
    }

    [Fact]
    public void Any_changed_character_is_refused()
    {
        var text = codec.Encode(Client, Generation, Fingerprint, Mark);
        for (var index = 0; index < text.Length; index++)
        {
            var changed = $"{text[..index]}{(text[index] is 'A' ? 'B' : 'A')}{text[(index + 1)..]}";

            // The last character holds bits that base64 does not use.
            if (!Base64Url.DecodeFromChars(text).AsSpan().SequenceEqual(Decode(changed)))
            {
                Assert.Equal("CHECKPOINT_INVALID", codec.Decode(Client, Generation, Fingerprint, changed).Refusal?.Reason.Code);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("AQ")]
    [InlineData("not a checkpoint")]
    public void What_is_no_checkpoint_is_refused(string text) =>
        Assert.Equal("CHECKPOINT_INVALID", codec.Decode(Client, Generation, Fingerprint, text).Refusal?.Reason.Code);

    [Fact]
    public void Another_client_another_hub_and_another_use_are_refused()
    {
        var text = codec.Encode(Client, Generation, Fingerprint, Mark);
        var other = new CheckpointCodec(new TokenSeal([1, .. new byte[31]]));
        var seal = new TokenSeal(new byte[32]);
        var body = seal.Open(TokenSeal.Use.Checkpoint, Client, text);
        var page = seal.Seal(TokenSeal.Use.PullPage, Client, body);

        Assert.NotNull(body);
        Assert.Equal("CHECKPOINT_INVALID", codec.Decode(new ClientId("grid-2"), Generation, Fingerprint, text).Refusal?.Reason.Code);
        Assert.Equal("CHECKPOINT_INVALID", other.Decode(Client, Generation, Fingerprint, text).Refusal?.Reason.Code);
        Assert.Equal("CHECKPOINT_INVALID", codec.Decode(Client, Generation, Fingerprint, page).Refusal?.Reason.Code);
    }

    [Fact]
    public void A_text_shows_nothing_of_what_stands_in_it()
    {
        var seal = new TokenSeal(new byte[32]);
        var body = "the phone number 13800001111"u8.ToArray();

        var text = seal.Seal(TokenSeal.Use.PullPage, Client, body);

        Assert.Equal(body, seal.Open(TokenSeal.Use.PullPage, Client, text));
        Assert.Equal(-1, Base64Url.DecodeFromChars(text).AsSpan().IndexOf("1380"u8));
        Assert.Equal(-1, Base64Url.DecodeFromChars(codec.Encode(Client, Generation, Fingerprint, Mark)).AsSpan().IndexOf(Fingerprint));
    }

    [Fact]
    public void A_fingerprint_of_a_filter_is_not_found_out_without_the_hubs_key()
    {
        const string Filter = "phone = \"13800001111\"";

        var fingerprint = new TokenSeal(new byte[32]).Fingerprint(Filter);

        Assert.Equal(fingerprint, new TokenSeal(new byte[32]).Fingerprint(Filter));
        Assert.NotEqual(fingerprint, new TokenSeal([1, .. new byte[31]]).Fingerprint(Filter));
        Assert.NotEqual(fingerprint, new TokenSeal(new byte[32]).Fingerprint(Filter + " "));
        Assert.DoesNotContain(fingerprint, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Filter))), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_generation_and_another_request_are_told_apart()
    {
        var text = codec.Encode(Client, Generation, Fingerprint, Mark);

        Assert.Equal("CHECKPOINT_GENERATION", codec.Decode(Client, Guid.Empty, Fingerprint, text).Refusal?.Reason.Code);
        Assert.Equal("CHECKPOINT_REQUEST", codec.Decode(Client, Generation, Of("status = \"DONE\""), text).Refusal?.Reason.Code);
    }

    [Fact]
    public void A_request_s_fingerprint_knows_fields_in_any_order_and_nothing_else_alike()
    {
        var resource = new ResourceId("complaint");

        Assert.Equal(
            ReadFingerprint.Compute(resource, ["a", "b"], "", Purpose.Regulation), ReadFingerprint.Compute(resource, ["b", "a", "a"], "", Purpose.Regulation));
        Assert.NotEqual(
            ReadFingerprint.Compute(resource, ["ab"], "", Purpose.Regulation), ReadFingerprint.Compute(resource, ["a", "b"], "", Purpose.Regulation));
        Assert.NotEqual(ReadFingerprint.Compute(resource, [], "", Purpose.Regulation), ReadFingerprint.Compute(resource, [], "", Purpose.Analysis));
    }

    private static byte[] Of(string filter) => ReadFingerprint.Compute(new ResourceId("complaint"), ["status"], filter, Purpose.Regulation);

    private static byte[] Decode(string text)
    {
        try
        {
            return Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
