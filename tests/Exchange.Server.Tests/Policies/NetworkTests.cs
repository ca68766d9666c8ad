using Exchange.Protos.V1;
using Exchange.Server.Tests.Feed;
using Exchange.Server.Tests.Governance;
using Exchange.Server.Tests.Records;
using Grpc.Core;
using Grpc.Core.Interceptors;
using static Exchange.Server.Tests.Policies.Rows;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Policies;

/// <summary>The address that policies ask for is the connection's. The tests call from loopback.</summary>
public sealed class NetworkTests(CityHub city) : IClassFixture<CityHub>
{
    private const string Inside = "127.0.0.0/8";
    private const string Outside = "10.0.0.0/8";

    [Theory]
    [InlineData(Inside, "10.1.2.3", true)]
    [InlineData(Inside, "127.0.0.1", true)]
    [InlineData(Outside, "10.1.2.3", false)]
    [InlineData(Outside, "127.0.0.1", false)]
    public async Task A_row_that_keeps_a_field_in_a_network_goes_by_the_connection_and_not_by_a_header(string network, string claimed, bool isRead)
    {
        var opened = await city.PushAsync(City.Centre, city.Header(City.Centre, "title", "calls"), Own("from-somewhere", Text("lamp"), new Value { Integer = 3 }));
        await city.Hub.SetRowAsync(Row("network", PolicyEffect.Deny, "departments/archive", "resources/complaint/fields/title").With(row => row.Condition = $"!ipMatch(r.context.network, '{network}')"));
        var invoker = city.ClientOf(City.Archive).Invoker.Intercept(headers => Claim(headers, claimed));

        Assert.Equal(isRead, await IsReadAsync(() => new RecordsService.RecordsServiceClient(invoker).GetRecordAsync(
            new GetRecordRequest { Name = $"resources/complaint/records/{opened.Results[0].RecordId}", Purpose = Purpose.Regulation, Fields = { "title" } }).ResponseAsync));
        Assert.Equal(isRead, await IsReadAsync(async () =>
        {
            using var pull = new RecordsService.RecordsServiceClient(invoker).Pull(new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "title" } });
            await pull.ResponseStream.MoveNext();
        }));
        Assert.Equal(isRead, await IsReadAsync(async () =>
        {
            using var follower = await Follower.BeginAsync(
                new FeedService.FeedServiceClient(invoker), new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "title" } });
        }));
    }

    private static Metadata Claim(Metadata headers, string address)
    {
        foreach (var (name, value) in new[] { ("x-forwarded-for", address), ("x-real-ip", address), ("forwarded", $"for={address}") })
        {
            headers.Add(name, value);
        }

        return headers;
    }

    private static async Task<bool> IsReadAsync(Func<Task> read)
    {
        try
        {
            await read();
            return true;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.PermissionDenied)
        {
            return false;
        }
    }
}
