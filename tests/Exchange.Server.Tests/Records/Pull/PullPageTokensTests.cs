using Exchange.Catalog;
using Exchange.Policy.Conditions;
using Exchange.Server.Feed;
using Exchange.Server.Records.Pull.Paging;
using Exchange.Server.Records.Pull;

namespace Exchange.Server.Tests.Records.Pull;

public sealed class PullPageTokensTests
{
    private static readonly ClientId Client = new("archive-system");
    private static readonly Guid Generation = Guid.Parse("11111111-2222-3333-4444-555555555555");
    private static readonly byte[] Fingerprint = ReadFingerprint.Compute(City.Complaint, ["title"], "", Purpose.Regulation, "phone");
    private static readonly byte[] Digest = [1, 2, 3];
    private static readonly Dictionary<int, long> Positions = new() { [1] = 17, [2] = 0 };
    private static readonly PullPosition Last = new(2, 77, Guid.Parse("99999999-2222-3333-4444-555555555555"), FieldValue.Text("0571-1234567"));

    private readonly PullPageTokens tokens = new(new TokenSeal(new byte[32]));

    [Fact]
    public void A_token_gives_back_its_place()
    {
        var read = tokens.Read(Client, Generation, Fingerprint, Digest, Write());

        Assert.Equal(Last, read.Value.Last);
        Assert.Equal(Positions, read.Value.Positions);
    }

    [Fact]
    public void None_of_a_thousand_mutated_tokens_is_accepted()
    {
        var token = Write();
        var random = new Random(20_240_918);
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ ";

        var mutated = Enumerable.Range(0, 1_000).Select(_ =>
        {
            var at = random.Next(token.Length);
            var other = Alphabet[random.Next(Alphabet.Length)];
            return random.Next(4) switch
            {
                0 => token.Remove(at, 1),
                1 => token.Insert(at, $"{other}"),
                2 => token[..at],
                _ => $"{token[..at]}{other}{token[(at + 1)..]}",
            };
        }).Where(changed => changed != token).ToList();

        Assert.InRange(mutated.Count, 900, 1_000);
        Assert.All(mutated, changed => Assert.Equal("BAD_REQUEST", tokens.Read(Client, Generation, Fingerprint, Digest, changed).Refusal?.Reason.Code));
    }

    [Fact]
    public void Another_client_query_plan_and_generation_are_refused_each_with_its_reason()
    {
        var token = Write();
        var other = ReadFingerprint.Compute(City.Complaint, ["title"], "", Purpose.Regulation, "phone desc");

        Assert.Equal("BAD_REQUEST", tokens.Read(new ClientId("archive-second"), Generation, Fingerprint, Digest, token).Refusal?.Reason.Code);
        Assert.Equal("BAD_REQUEST", tokens.Read(Client, Generation, other, Digest, token).Refusal?.Reason.Code);
        Assert.Equal("PLAN_CHANGED", tokens.Read(Client, Generation, Fingerprint, [1, 2, 4], token).Refusal?.Reason.Code);
        Assert.Equal("CHECKPOINT_GENERATION", tokens.Read(Client, Guid.NewGuid(), Fingerprint, Digest, token).Refusal?.Reason.Code);
    }

    private string Write() => tokens.Write(Client, Generation, Fingerprint, Digest, Positions, Last);
}
