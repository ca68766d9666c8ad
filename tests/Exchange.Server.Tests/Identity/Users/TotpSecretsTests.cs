using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog;
using Exchange.Server.Hosting;
using Exchange.Server.Identity.Users;

namespace Exchange.Server.Tests.Identity.Users;

public sealed class TotpSecretsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("totp-").FullName;
    private readonly SetTime time = new();

    public TotpSecretsTests() => PrivateFile.Write(Path.Combine(folder, "hub-key"), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));

    private TotpSecrets Secrets => new(new HubSecrets(new HubOptions { DataDirectory = folder }), time);

    // RFC 6238 appendix B, SHA-1, the last six digits.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void The_standard_s_codes_are_taken_in_their_step_and_one_beside_it(long seconds, string code)
    {
        var secret = Encoding.ASCII.GetBytes("12345678901234567890");

        long? At(long moment)
        {
            time.Now = DateTimeOffset.FromUnixTimeSeconds(moment);
            return Secrets.StepOf(secret, code);
        }

        var step = seconds / 30;
        Assert.Equal([step, step, step, null], [At(seconds), At(seconds + 30), At(seconds - 30), At(seconds + 60)]);
        Assert.Equal(seconds < 90 ? step : null, At(Math.Max(0, seconds - 60)));
    }

    [Theory]
    [InlineData("94287082")]
    [InlineData("28708")]
    [InlineData("28708 ")]
    [InlineData("２８７０８２")]
    [InlineData("-87082")]
    public void Other_texts_are_no_codes(string code)
    {
        time.Now = DateTimeOffset.FromUnixTimeSeconds(59);

        Assert.Null(Secrets.StepOf(Encoding.ASCII.GetBytes("12345678901234567890"), code));
    }

    [Fact]
    public void A_secret_goes_with_one_user_s_one_code_and_salt_and_opens_for_its_user_only()
    {
        var secrets = Secrets;
        var (salt, other) = (TotpSecrets.NewSalt(), TotpSecrets.NewSalt());
        var secret = secrets.ForEnrolment(new("wang-li"), "hash", salt)!;
        var user = new User { Id = new("wang-li"), Department = new("housing"), Role = Role.Steward, SealedTotpSecret = secrets.Seal(new("wang-li"), secret) };

        Assert.Equal(20, secret.Length);
        Assert.Equal(secret, secrets.ForEnrolment(new("wang-li"), "hash", salt));
        Assert.NotEqual(secret, secrets.ForEnrolment(new("wang-li"), "hash 2", salt));
        Assert.NotEqual(secret, secrets.ForEnrolment(new("wang"), "hash", salt));
        Assert.NotEqual(secret, secrets.ForEnrolment(new("wang-li"), "hash", other));
        Assert.All(["", "x", salt + "A", salt[..^1], salt + "=", " " + salt], none => Assert.Null(secrets.ForEnrolment(new("wang-li"), "hash", none)));
        Assert.Null(secrets.StepOf(user, "no code"));
        Assert.ThrowsAny<CryptographicException>(() => secrets.StepOf(user with { Id = new("zhao") }, "123456"));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private sealed class SetTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
