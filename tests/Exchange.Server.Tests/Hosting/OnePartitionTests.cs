using Exchange.Protos.V1;
using Exchange.Server.Tests.Records;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Hosting;

public sealed class OnePartitionTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_batch_is_stored_in_transactions_of_one_partition_each_only_where_the_database_wants_that(bool isOne)
    {
        var city = new CityHub { Settings = new() { Options = options => options with { OnePartitionPerTransaction = isOne } } };
        await city.InitializeAsync();
        try
        {
            var receipt = await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), [.. Enumerable.Range(0, 60).Select(i => Own($"one-{i}", Text("a")))]);

            Assert.All(receipt.Results, result => Assert.Equal(RecordOutcome.Accepted, result.Outcome));
            var mostPartitions = await city.ScalarAsync<long>(
                "SELECT max(n) FROM (SELECT count(DISTINCT partition) AS n FROM log.event GROUP BY xmin::text) AS t");
            Assert.Equal(isOne, mostPartitions is 1);
        }
        finally
        {
            await city.DisposeAsync();
        }
    }
}
