using Exchange.Cli.Terminal;

namespace Exchange.Clients.Tests.Terminal;

public sealed class DemoKeysTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("exchange-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_department_of_the_demo_is_found_with_its_newest_key()
    {
        var old = Key("demo-housing-aaaaaaaa.pem", minutesAgo: 5);
        var newest = Key("demo-housing-bbbbbbbb.pem", minutesAgo: 1);
        Key("demo-housing-fund-cccccccc.pem", minutesAgo: 0);

        var (client, keyFile) = DemoKeys.Find(_folder, "housing");

        Assert.Equal("demo-housing-bbbbbbbb", client);
        Assert.Equal(newest, keyFile);
        Assert.NotEqual(old, keyFile);
    }

    [Fact]
    public void An_unknown_department_is_told_which_there_are()
    {
        Key("demo-housing-aaaaaaaa.pem", minutesAgo: 1);
        Key("demo-urban-management-aaaaaaaa.pem", minutesAgo: 1);

        var refused = Assert.Throws<UsageException>(() => DemoKeys.Find(_folder, "sanitation"));

        Assert.Contains("housing, urban-management", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_keys_no_demo_runs()
    {
        var refused = Assert.Throws<UsageException>(() => DemoKeys.Find(_folder, "housing"));

        Assert.Contains("./exchange demo", refused.Message, StringComparison.Ordinal);
    }

    private string Key(string name, int minutesAgo)
    {
        Directory.CreateDirectory(DemoKeys.In(_folder));
        var path = Path.Combine(DemoKeys.In(_folder), name);
        File.WriteAllText(path, "");
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-minutesAgo));
        return path;
    }
}
