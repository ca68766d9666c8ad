using Exchange.Clients.Mapping;
using Google.Protobuf.WellKnownTypes;
using NodaTime;

namespace Exchange.Clients.Tests.Mapping;

public sealed class TimeReaderTests
{
    private static readonly DateTimeZone _newYork = DateTimeZoneProviders.Tzdb["America/New_York"];

    [Theory]
    [InlineData("07/01/2015 12:25:23 AM", "2015-07-01T04:25:23Z", "")]
    [InlineData("01/01/2015 12:25:23 PM", "2015-01-01T17:25:23Z", "")]
    [InlineData("11/01/2015 01:30:00 AM", "2015-11-01T05:30:00Z", TimeReader.Ambiguous)] // shown twice: the earlier, in summer time
    [InlineData("11/01/2015 02:00:00 AM", "2015-11-01T07:00:00Z", "")]
    [InlineData("03/08/2015 02:30:00 AM", "2015-03-08T07:30:00Z", TimeReader.Nonexistent)] // never shown: forward to 03:30 summer time
    [InlineData("03/08/2015 03:00:00 AM", "2015-03-08T07:00:00Z", "")]
    public void Local_times_are_placed_in_their_zone(string text, string instant, string warning)
    {
        var reader = TimeReader.Create(["MM/dd/yyyy hh:mm:ss tt"], _newYork, dates: false, out _)!;
        var warnings = new List<string>();

        var read = reader.ReadInstant(text, warnings);

        Assert.Equal(Timestamp.FromDateTimeOffset(DateTimeOffset.Parse(instant)), read);
        Assert.Equal(warning, string.Join(',', warnings));
    }

    [Theory]
    [InlineData("2019/4/25 9:32:09", "2019-04-25T01:32:09Z")]
    [InlineData("2019-04-25 09:32:09", "2019-04-25T01:32:09Z")]
    [InlineData("2019/4/25", "2019-04-24T16:00:00Z")]
    public void One_column_may_have_several_formats(string text, string instant)
    {
        var reader = TimeReader.Create(["yyyy/M/d H:mm:ss", "yyyy-MM-dd HH:mm:ss", "yyyy/M/d"], DateTimeZoneProviders.Tzdb["Asia/Shanghai"], dates: false, out _)!;

        Assert.Equal(Timestamp.FromDateTimeOffset(DateTimeOffset.Parse(instant)), reader.ReadInstant(text, []));
    }

    [Theory]
    [InlineData("rfc3339", "2010-04-14T06:37:38.1234567-08:00", "2010-04-14T14:37:38.123456Z")]
    [InlineData("rfc3339", "2010-04-14T06:37:38Z", "2010-04-14T06:37:38Z")]
    [InlineData("epoch-seconds", "-1", "1969-12-31T23:59:59Z")]
    [InlineData("epoch-milliseconds", "1500", "1970-01-01T00:00:01.5Z")]
    public void Times_with_their_own_offset_need_no_zone(string format, string text, string instant)
    {
        var reader = TimeReader.Create([format], null, dates: false, out _)!;

        Assert.Equal(Timestamp.FromDateTimeOffset(DateTimeOffset.Parse(instant)), reader.ReadInstant(text, []));
    }

    [Theory]
    [InlineData("2015-02-30 10:00:00")]
    [InlineData("2015-02-28 25:00:00")]
    [InlineData("tomorrow")]
    [InlineData("99999999999999999999")]
    public void What_fits_no_format_is_no_time(string text)
    {
        var reader = TimeReader.Create(["yyyy-MM-dd HH:mm:ss", "epoch-seconds"], _newYork, dates: false, out _)!;

        Assert.Null(reader.ReadInstant(text, []));
    }

    [Theory]
    [InlineData("never")]
    [InlineData("2010-04-14T06:37:38")]
    [InlineData("0")]
    public void What_is_not_rfc3339_is_no_time_for_it(string text)
    {
        var reader = TimeReader.Create(["rfc3339"], null, dates: false, out _)!;

        Assert.Null(reader.ReadInstant(text, []));
        Assert.Null(reader.ReadDate(text));
    }

    [Theory]
    [InlineData("2024-03-01T12:00:00+08:00", "2024-03-01T04:00:00Z")]
    [InlineData("2024-03-01T12:00:00", "2024-03-01T04:00:00Z")]
    [InlineData("2024-03-01 12:00:00.5", "2024-03-01T04:00:00.5Z")]
    [InlineData("2024-03-01", "2024-02-29T16:00:00Z")]
    public void Without_formats_the_usual_ones_are_tried(string text, string instant)
    {
        var reader = TimeReader.Create([], DateTimeZoneProviders.Tzdb["Asia/Shanghai"], dates: false, out _)!;

        Assert.Equal(Timestamp.FromDateTimeOffset(DateTimeOffset.Parse(instant)), reader.ReadInstant(text, []));
        Assert.Equal(19_783, reader.ReadDate(text));
        Assert.Null(reader.ReadInstant("tomorrow", []));
    }

    [Fact]
    public void A_date_is_a_day_without_a_zone()
    {
        var reader = TimeReader.Create(["dd.MM.yyyy"], null, dates: true, out _)!;

        Assert.Equal(19782, reader.ReadDate("29.02.2024"));
    }

    [Fact]
    public void Local_formats_without_a_zone_and_broken_formats_are_refused()
    {
        Assert.Null(TimeReader.Create(["yyyy-MM-dd HH:mm"], null, dates: false, out var noZone));
        Assert.Contains("time_zone", noZone);
        Assert.Null(TimeReader.Create(["yyyy-MM-dd 'T"], _newYork, dates: false, out var broken));
        Assert.Contains("no date and time pattern", broken);
    }
}
