using Exchange.Server.Grpc;
using Exchange.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace Exchange.Server.Tests.Grpc;

public sealed class CallDeadlineTests
{
    private static readonly HubOptions Options = new() { DefaultDeadline = TimeSpan.FromSeconds(40), LongestDeadline = TimeSpan.FromMinutes(20) };

    [Theory]
    [InlineData("100m", 100)]
    [InlineData("7S", 7_000)]
    [InlineData("20M", 1_200_000)]
    [InlineData("2000u", 2)]
    [InlineData("99999999n", 99.9999)]
    public void What_a_call_asks_for_within_the_bounds_is_what_it_gets(string asked, double milliseconds)
    {
        var headers = new HeaderDictionary { [CallDeadline.Header] = asked };

        Assert.Equal(milliseconds, CallDeadline.Settle(headers, Options).TotalMilliseconds);
        Assert.Equal(asked, headers[CallDeadline.Header]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("5")]
    [InlineData("5s")]
    [InlineData("-5S")]
    [InlineData("+5S")]
    [InlineData("1.5S")]
    [InlineData(" 5S")]
    [InlineData("٥S")]
    [InlineData("123456789S")]
    public void What_is_no_time_is_the_default(string? asked)
    {
        var headers = new HeaderDictionary { [CallDeadline.Header] = asked };

        Assert.Equal(TimeSpan.FromSeconds(40), CallDeadline.Settle(headers, Options));
        Assert.Equal("40000m", headers[CallDeadline.Header]);
    }

    [Theory]
    [InlineData("21M")]
    [InlineData("1H")]
    [InlineData("99999999H")]
    public void Longer_than_the_longest_is_the_longest(string asked)
    {
        var headers = new HeaderDictionary { [CallDeadline.Header] = asked };

        Assert.Equal(TimeSpan.FromMinutes(20), CallDeadline.Settle(headers, Options));
        Assert.Equal("1200000m", headers[CallDeadline.Header]);
    }

    [Theory]
    [InlineData(0.9, "7S")]
    [InlineData(1, "6999m")]
    [InlineData(2_500.6, "4499m")]
    [InlineData(7_000, "1m")]
    [InlineData(90_000, "1m")]
    public void What_has_passed_of_the_time_is_taken_off_it(double passed, string left)
    {
        var headers = new HeaderDictionary { [CallDeadline.Header] = "7S" };

        CallDeadline.Lessen(headers, CallDeadline.Settle(headers, Options), TimeSpan.FromMilliseconds(passed));

        Assert.Equal(left, headers[CallDeadline.Header]);
    }

    [Fact]
    public void No_setting_makes_a_time_that_the_header_cannot_say()
    {
        var options = new HubOptions { DefaultDeadline = TimeSpan.MaxValue, LongestDeadline = TimeSpan.MaxValue };
        var headers = new HeaderDictionary();

        Assert.Equal(TimeSpan.FromDays(1), CallDeadline.Settle(headers, options));
        Assert.Equal("86400000m", headers[CallDeadline.Header]);
        Assert.Equal(TimeSpan.FromSeconds(1), new HubOptions { LongestDeadline = TimeSpan.Zero }.LongestDeadline);
    }
}
