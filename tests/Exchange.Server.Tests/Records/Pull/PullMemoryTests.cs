using Exchange.Protos.V1;
using Exchange.Testing;
using Grpc.Core;
using Purpose = Exchange.Protos.V1.Purpose;

namespace Exchange.Server.Tests.Records.Pull;

[Collection(MemoryCollection.Name)]
public sealed class PullMemoryTests(FilledCity filled) : IClassFixture<FilledCity>
{
    private readonly CityHub city = filled.Hub;

    [Fact]
    public async Task A_reader_that_does_not_read_holds_no_transaction_and_little_memory()
    {
        await Pulled.AllOf(filled.Pull(FilledCity.Request("", "")));
        var idle = GC.GetTotalMemory(forceFullCollection: true);
        var calls = Enumerable.Range(0, 4).Select(_ => filled.Pull(FilledCity.Request("", ""))).ToList();
        foreach (var call in calls)
        {
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(FilledCity.Deadline));
        }

        // Wait until every pull has read ahead as far as it may: then nobody of the hub is in the database.
        await FilledCity.UntilAsync(async () => await city.ScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND query LIKE '%subject%' AND pid <> pg_backend_pid()") is 0);
        var held = GC.GetTotalMemory(forceFullCollection: true) - idle;
        calls.ForEach(call => call.Dispose());

        Assert.InRange(held, long.MinValue, 4 * 12L * 1024 * 1024);
    }
}
