using Exchange.Catalog;
using Exchange.Server.Feed;

namespace Exchange.Server.Tests.Feed;

public sealed class MutatedCheckpointTests
{
    private const int Mutations = 10_000;

    private static readonly ClientId Client = new("tax-feed");
    private static readonly Guid Generation = Guid.Parse("11111111-2222-3333-4444-555555555555");
    private static readonly byte[] Fingerprint = ReadFingerprint.Compute(new ResourceId("complaint"), ["title", "status"], "status = \"open\"", Purpose.GovService);

    private readonly CheckpointCodec codec = new(new TokenSeal(new byte[32]));

    // Bodies of three lengths, so that base64 ends with two, one and no unused characters.
    [Theory]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(34)]
    public void None_of_ten_thousand_mutated_checkpoints_is_accepted(int partitions)
    {
        var text = Encode(partitions);
        var random = new Random(20_240_917 + partitions);

        var accepted = Enumerable.Range(0, Mutations)
            .Select(_ => Mutate(text, random))
            .Where(mutated => mutated != text)
            .Count(mutated => codec.Decode(Client, Generation, Fingerprint, mutated).Refusal != FeedReasons.CheckpointInvalid);

        Assert.Equal(0, accepted);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(34)]
    public void What_decodes_alike_is_not_accepted(int partitions)
    {
        var text = Encode(partitions);

        string[] lookalikes = [text + "=", text + "==", " " + text, text + "\n", text.Insert(40, " "), text.Insert(40, "\r\n"), text + "A"];

        Assert.All(lookalikes, other => Assert.Equal(FeedReasons.CheckpointInvalid, codec.Decode(Client, Generation, Fingerprint, other).Refusal));
    }

    private static string Mutate(string text, Random random)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ ";
        var characters = text.ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(characters.Count);
            switch (random.Next(6))
            {
                case 0:
                    characters.RemoveAt(at);
                    break;
                case 1:
                    characters.Insert(at, Alphabet[random.Next(Alphabet.Length)]);
                    break;
                case 2:
                    characters.RemoveRange(at, characters.Count - at);
                    characters.Add('A');
                    break;
                case 3:
                    // The last character carries unused bits: the mutation that decoding alone does not see.
                    characters[^1] = Alphabet[random.Next(64)];
                    break;
                default:
                    characters[at] = Alphabet[random.Next(Alphabet.Length)];
                    break;
            }
        }

        return string.Concat(characters);
    }

    private string Encode(int partitions) =>
        codec.Encode(Client, Generation, Fingerprint, new ReadMark(Enumerable.Range(0, partitions).ToDictionary(slot => slot, slot => slot * 1_000_003L), new byte[16]));
}
