using Exchange.Server.Tests.Access;
using Grpc.Core;
using Record = Exchange.Protos.V1.Record;

namespace Exchange.Server.Tests.Records.Reading;

/// <summary>A record of now is read from its row, one of a position from its events: of its partition's last position, both must be the same.</summary>
public sealed class CurrentRecordsTests
{
    [Theory]
    [InlineData(71)]
    [InlineData(72)]
    [InlineData(73)]
    [InlineData(74)]
    public async Task A_row_shows_every_reader_what_the_events_show(int seed)
    {
        await using var hub = await RandomHub.StartAsync(seed);
        await hub.PushAsync(seed, 40);
        await hub.ChangeAsync(20);
        await hub.PushAsync(seed + 100, 40);
        var records = await hub.LastPositionsAsync();

        var shown = 0;
        foreach (var reader in hub.Readers(10))
        {
            // Many at once, so that they are asked for together.
            var seen = await Task.WhenAll(records.Select(async record =>
            {
                var (row, events) = (await TryAsync(hub, reader, record.Id, null), await TryAsync(hub, reader, record.Id, record.Position));
                Assert.Equal(events, row);
                return row.Record is null ? 0 : 1;
            }));
            shown += seen.Sum();
        }

        Assert.InRange(shown, 100, int.MaxValue);
    }

    private static async Task<(Record? Record, string Refusal)> TryAsync(RandomHub hub, RandomReader reader, Guid id, long? position)
    {
        try
        {
            return (await hub.GetAsync(reader, id, position), "");
        }
        catch (RpcException e)
        {
            return (null, $"{e.StatusCode} {e.Reason()}");
        }
    }
}
