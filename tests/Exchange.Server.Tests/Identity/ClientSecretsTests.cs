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
        Assert.False(await secrets.VerifyAsync(hash, secret + "x", TestContext.Current.CancellationToken));
        Assert.False(await secrets.VerifyAsync(null, secret, TestContext.Current.CancellationToken));
        Assert.False(await secrets.VerifyAsync(otherHash, secret, TestContext.Current.CancellationToken));
        Assert.True(await secrets.VerifyAsync(hash, secret, TestContext.Current.CancellationToken));
        Assert.True(secrets.IsRemembered(hash, secret));
        Assert.False(secrets.IsRemembered(hash, secret + "x"));
        Assert.False(secrets.IsRemembered(otherHash, secret));
        Assert.StartsWith("pbkdf2-sha256$210000$", hash, StringComparison.Ordinal);
    }
}
