using Exchange.Server.Identity;

namespace Exchange.Server.Tests.Identity;

public sealed class ClientSecretsTests
{
    [Fact]
    public async Task A_secret_proves_right_once_slowly_and_then_fast_until_another_is_stored()
    {
        using var secrets = new ClientSecrets();
        var (secret, hash) = ClientSecrets.Create();
        var (_, otherHash) = ClientSecrets.Create();

        Assert.False(secrets.IsRemembered(hash, secret));
        Assert.False(await VerifyAsync(secrets, hash, secret + "x"));
        Assert.False(await VerifyAsync(secrets, null, secret));
        Assert.False(await VerifyAsync(secrets, otherHash, secret));
        Assert.True(await VerifyAsync(secrets, hash, secret));
        Assert.True(secrets.IsRemembered(hash, secret));
        Assert.False(secrets.IsRemembered(hash, secret + "x"));
        Assert.False(secrets.IsRemembered(otherHash, secret));
        Assert.StartsWith("pbkdf2-sha256$210000$", hash, StringComparison.Ordinal);
    }

    private static async Task<bool> VerifyAsync(ClientSecrets secrets, string? hash, string secret)
    {
        using var turn = await secrets.TakeTurnAsync(TestContext.Current.CancellationToken);
        return await turn!.VerifyAsync(hash, secret);
    }
}
