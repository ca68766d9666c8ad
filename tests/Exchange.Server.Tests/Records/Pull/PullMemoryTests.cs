using Exchange.Protos.V1;
using Exchange.Testing;
using Grpc.Core;
using Purpose = Exchange.Protos.V1.Purpose;

namespace Exchange.Server.Tests.Records.Pull;

[Collection(MemoryCollection.Name)]
public sealed class PullMemoryTests(FilledCity filled) : IClassFixture<FilledCity>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly CityHub city = filled.Hub;

    [Fact]
    public async Task A_reader_that_does_not_read_holds_no_transaction_and_little_memory()
    {
        await Pulled.AllOf(Pull(Request("", "")));
        var idle = GC.GetTotalMemory(forceFullCollection: true);
        var calls = Enumerable.Range(0, 4).Select(_ => Pull(Request("", ""))).ToList();
        foreach (var call in calls)
        {
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Deadline));
        }

        // Wait until every pull has read ahead as far as it may: then nobody of the hub is in the database.
        await UntilAsync(async () => await city.ScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND query LIKE '%subject%' AND pid <> pg_backend_pid()") is 0);
        var held = GC.GetTotalMemory(forceFullCollection: true) - idle;
        calls.ForEach(call => call.Dispose());

        Assert.InRange(held, long.MinValue, 4 * 12L * 1024 * 1024);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var deadline = DateTime.UtcNow + Deadline; !await condition();)
        {
            Assert.True(DateTime.UtcNow < deadline, "it did not come to that in time");
        }
    }

    private AsyncServerStreamingCall<PullResponse> Pull(PullRequest request) => city.RecordsOf(City.Centre).Pull(request);

    private static PullRequest Request(string filter, string order) => new()
    {
        Resource = "resources/complaint", Purpose = Purpose.Regulation, Filter = filter, OrderBy = order, Fields = { "title", "calls", "due", "content" },
    };
}
