using Exchange.Protos.V1;
using Exchange.Server.Tests.Records;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Feed;

public sealed class FollowTests(CityHub city) : IClassFixture<CityHub>
{
    [Fact]
    public async Task A_new_record_enters_whole_with_what_the_reader_may_see()
    {
        using var follower = await Follower.BeginAsync(city.FeedOf(City.Archive), Request());
        var header = city.Header(City.Centre, "title", "content", "phone", "calls", "secret_note");

        await city.PushAsync(
            City.Centre, header, Own("enters-1", Text("Leaking pipe"), Text("Invented text"), Text("13800001111"), new Value { Integer = 2 }, Text("nobody reads this")));
        await follower.ReadUntilAsync(() => follower.Changes.Count > 0);

        var change = Assert.Single(follower.Changes);
        Assert.Equal((ChangeKind.Entered, 1L, "centre"), (change.Kind, change.Version, change.Department));
        var record = Assert.Single(follower.Records).Value;
        Assert.Equal(["calls", "title"], record.Keys.Order());
        Assert.Equal(("Leaking pipe", 2L), (record["title"].Text, record["calls"].Integer));
    }

    private static FollowRequest Request(params string[] fields) => new() { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { fields } };
}
