using System.Collections;
using Exchange.Server.Hosting;
using Microsoft.Extensions.Configuration;

namespace Exchange.Server.Tests.Hosting;

public sealed class HubConfigurationTests
{
    [Fact]
    public void Without_any_setting_the_hub_listens_on_loopback_and_runs_its_own_database()
    {
        var options = Read();

        Assert.Null(options.ConnectionString);
        Assert.Equal(("http://127.0.0.1:5400/", "http://127.0.0.1:5401/"), (options.GrpcAddress.ToString(), options.HttpAddress.ToString()));
        Assert.Empty(options.Unsafe);
    }

    [Fact]
    public void The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        var file = new Dictionary<string, string?> { ["Hub:GrpcAddress"] = "http://127.0.0.1:1", ["Hub:HttpAddress"] = "http://127.0.0.1:1", ["Hub:Audience"] = "file" };
        var environment = new Hashtable { ["EXCHANGE_GRPC_ADDRESS"] = "http://127.0.0.1:2", ["EXCHANGE_HTTP_ADDRESS"] = "http://127.0.0.1:2", ["EXCHANGE_POSTGRES_BIN"] = "/x" };

        var options = Read(file, environment, "--grpc-address", "http://127.0.0.1:3", "--access-token-lifetime=5");

        Assert.Equal((3, 2, "file"), (options.GrpcAddress.Port, options.HttpAddress.Port, options.Audience));
        Assert.Equal(TimeSpan.FromSeconds(5), options.AccessTokenLifetime);
    }

    [Theory]
    [InlineData("--unsafe", 6)]
    [InlineData("--unsafe=all", 6)]
    [InlineData("--unsafe=plain-http,fsync", 2)]
    public void Unsafe_settings_are_accepted_one_by_one_or_all(string argument, int accepted)
    {
        Assert.Equal(accepted, Read(null, null, argument).Unsafe.Count);
    }

    [Theory]
    [InlineData("--memory-limit=384", 384)]
    [InlineData("--memory-limit=1048576", 1 << 20)]
    public void A_memory_limit_is_told_in_MiB(string argument, int limit) => Assert.Equal(limit, Read(null, null, argument).MemoryLimit);

    [Theory]
    [InlineData("383")]
    [InlineData("1048577")]
    [InlineData("512MiB")]
    [InlineData("-1")]
    public void A_memory_limit_outside_its_bounds_is_refused_with_them(string value) =>
        Assert.Contains("`memory-limit` (from --memory-limit) must be a whole number of MiB, 384 to 1048576", Assert.Throws<HubStartException>(() => Read(null, null, "--memory-limit", value)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true, "--one-partition-per-transaction")]
    [InlineData(true, "--one-partition-per-transaction=true", "--audience", "x")]
    [InlineData(false, "--one-partition-per-transaction=false")]
    public void Appends_span_partitions_unless_told_not_to(bool isOne, params string[] arguments)
    {
        Assert.Equal(isOne, Read(null, null, arguments).OnePartitionPerTransaction);
    }

    [Fact]
    public void All_that_makes_no_sense_is_refused_at_once()
    {
        var environment = new Hashtable { ["EXCHANGE_MEMORY_LIMIT"] = "1" };

        var lines = Assert.Throws<HubStartException>(() => Read(null, environment, "--nonsense", "--unsafe=nothing", "--audience=x", "--issuer")).Message.Split('\n');

        Assert.Equal("4 things speak against it:", lines[0]);
        Assert.Equal(["EXCHANGE_MEMORY_LIMIT", "--nonsense", "`nothing`", "--issuer"], lines[1..].Zip(["EXCHANGE_MEMORY_LIMIT", "--nonsense", "`nothing`", "--issuer"], (line, part) => line.Contains(part, StringComparison.Ordinal) ? part : line));
    }

    [Theory]
    [InlineData("--one-partition-per-transaction=perhaps", "one-partition-per-transaction")]
    [InlineData("--grpc-adress=http://127.0.0.1:1", "--grpc-adress")]
    [InlineData("serve", "serve")]
    [InlineData("--grpc-address=127.0.0.1:5400", "grpc-address")]
    [InlineData("--grpc-address", "--grpc-address")]
    [InlineData("--access-token-lifetime=soon", "access-token-lifetime")]
    [InlineData("--session-lifetime=59", "session-lifetime")]
    [InlineData("--session-idle=86401", "session-idle")]
    [InlineData("--operator-client=Not An Id", "operator-client")]
    [InlineData("--unsafe=plain-http,nonsense", "nonsense")]
    public void What_makes_no_sense_is_refused_by_name(string argument, string named)
    {
        var exception = Assert.Throws<HubStartException>(() => Read(null, null, argument));

        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_names_every_setting_of_the_options()
    {
        var settings = typeof(HubOptions).GetProperties().Where(p => p.DeclaringType == typeof(HubOptions) && p.Name is not "EqualityContract")
            .Select(p => string.Concat(p.Name.Select((c, i) => char.IsUpper(c) ? (i is 0 ? "" : "-") + char.ToLowerInvariant(c) : $"{c}")));

        Assert.All(settings, name => Assert.Contains($"--{name} ", HubConfiguration.Help, StringComparison.Ordinal));
    }

    private static HubOptions Read(Dictionary<string, string?>? file = null, Hashtable? environment = null, params string[] arguments) =>
        HubConfiguration.Read(new ConfigurationBuilder().AddInMemoryCollection(file ?? []).Build(), environment ?? [], arguments);
}
