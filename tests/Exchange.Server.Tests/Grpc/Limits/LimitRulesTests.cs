using System.Collections;
using Exchange.Server.Grpc.Limits;
using Exchange.Server.Hosting;
using Microsoft.Extensions.Configuration;

namespace Exchange.Server.Tests.Grpc.Limits;

public sealed class LimitRulesTests
{
    [Fact]
    public void Limits_are_told_in_one_text()
    {
        var limits = Read("--limits", "client=1000/second, department = 2000/minute,client:RecordsService/Pull=20/hour, department=5000000/day,address=7/second").Limits;

        Assert.Equal(
            [
                new(LimitScope.Client, null, 1000, LimitPeriod.Second),
                new(LimitScope.Department, null, 2000, LimitPeriod.Minute),
                new(LimitScope.Client, "RecordsService/Pull", 20, LimitPeriod.Hour),
                new(LimitScope.Department, null, 5_000_000, LimitPeriod.Day),
                new(LimitScope.Address, null, 7, LimitPeriod.Second),
            ],
            limits);
    }

    [Fact]
    public void Without_a_setting_there_are_limits_too()
    {
        var options = Read();

        Assert.Equal(["client=10000/second", "department=20000/second", "address=20000/second"], options.Limits.Select(limit => limit.ToString()));
        Assert.Equal((1000, 1000, 200, 100), (options.MostStreams, options.MostConnectionsOfAddress, options.MostConnectionsOfClient, options.MostResets));
    }

    [Theory]
    [InlineData("everything", "has `everything` where a limit such as")]
    [InlineData("client=1000", "has `client=1000` where a limit such as")]
    [InlineData("client=1000/second,", "has `` where a limit such as")]
    [InlineData("user=1000/second", "the scope `user` is none of client, department, address")]
    [InlineData("client=1000/week", "the period `week` is none of second, minute, hour, day")]
    [InlineData("client=0/second", "`0` is no whole number from 1")]
    [InlineData("client=-1/second", "`-1` is no whole number from 1")]
    [InlineData("client=1.5/second", "`1.5` is no whole number from 1")]
    [InlineData("client=1000001/second", "at most 1000000 by second")]
    [InlineData("client=1000000000001/day", "at most 1000000000000 by day")]
    [InlineData("client:Pull=20/second", "the method `Pull` is not of the form `RecordsService/Pull`")]
    [InlineData("address=20/day", "an address has limits by second or minute only")]
    [InlineData("address:RecordsService/Pull=20/second", "the limit of an address is one for all it sends")]
    [InlineData("client=1/second, client=2/second", "states the limit of `client` for one period twice")]
    public void A_limit_that_makes_no_sense_is_refused_with_what_is_wrong(string text, string wrong) =>
        Assert.Contains(wrong, Assert.Throws<HubStartException>(() => Read("--limits", text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("--most-streams=0")]
    [InlineData("--most-connections-of-address=many")]
    [InlineData("--most-connections-of-client=1000001")]
    [InlineData("--most-resets=-1")]
    public void A_cap_outside_its_bounds_is_refused_with_them(string argument) =>
        Assert.Contains("must be a whole number, 1 to 1000000", Assert.Throws<HubStartException>(() => Read(argument)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("RecordsService/Pull", "/exchange.v1.RecordsService/Pull", true)]
    [InlineData("exchange.v1.RecordsService/Pull", "/exchange.v1.RecordsService/Pull", true)]
    [InlineData("Service/Pull", "/exchange.v1.RecordsService/Pull", false)]
    [InlineData("RecordsService/Pull", "/exchange.v1.RecordsService/PullAll", false)]
    [InlineData("RecordsService/Pull", null, false)]
    public void A_limit_of_a_method_counts_that_one(string method, string? called, bool counts) =>
        Assert.Equal(counts, new LimitRule(LimitScope.Client, method, 1, LimitPeriod.Second).Counts(called));

    [Fact]
    public async Task A_hub_with_a_limit_of_a_method_it_does_not_have_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<HubStartException>(() => TestHub.StartAsync("limits", new() { Options = o => o with { Limits = LimitRules.Parse("client:RecordsService/Pul=20/second") } }));

        Assert.Contains("the hub has no method `RecordsService/Pul`", refused.Message, StringComparison.Ordinal);
    }

    private static HubOptions Read(params string[] arguments) => HubConfiguration.Read(new ConfigurationBuilder().Build(), new Hashtable(), arguments);
}
