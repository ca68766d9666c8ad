namespace Exchange.Repository.Tests;

public sealed class ComposeTests
{
    [Fact]
    public async Task The_compose_file_is_valid()
    {
        if (Checkout.Program("docker-compose") is not { } compose)
        {
            Assert.Skip("docker-compose is not installed");
            return;
        }

        var (exitCode, output) = await Checkout.RunAsync(".", compose, "-f", "docker-compose.yml", "config", "--quiet");

        Assert.True(exitCode is 0, output);
    }
}
