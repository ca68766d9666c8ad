using Exchange.Clients;
using Exchange.Clients.Records;
using Exchange.Protos.V1;
using Google.Protobuf.WellKnownTypes;
using Value = Exchange.Protos.V1.Value;

namespace Exchange.Server.Tests.Clients;

/// <summary>Complaints that the hotline opens in these tests.</summary>
internal static class Tickets
{
    public const string Resource = "resources/complaint";

    public static PushHeader Header(string pushId) =>
        new() { Resource = Resource, SourceSystem = "hotline-tickets", PushId = pushId, Fields = { "record_no", "channel", "accepted_at", "title" } };

    public static PushedRecord Ticket(int number, string title = "小区漏水") => new()
    {
        SourceId = $"t{number}",
        Values =
        {
            new Value { Text = $"t{number}" },
            new Value { Code = "HOTLINE_12345" },
            new Value { Timestamp = Timestamp.FromDateTimeOffset(new DateTimeOffset(2024, 5, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(number)) },
            new Value { Text = title },
        },
    };

    /// <summary>Pushes tickets of these numbers and gives the results by number.</summary>
    public static async Task<Dictionary<int, RecordResult>> PushAsync(ExchangeClient client, string pushId, IEnumerable<int> numbers, string title = "小区漏水")
    {
        var results = new Dictionary<int, RecordResult>();
        await using var session = client.Records.OpenPush<int>(Header(pushId), new PushOptions { BatchRecords = 50 }, (items, receipt) =>
        {
            for (var i = 0; i < items.Count; i++)
            {
                results.Add(items[i].Tag, receipt.Results[i]);
            }

            return ValueTask.CompletedTask;
        });
        foreach (var number in numbers)
        {
            await session.AddAsync(Ticket(number, title), number, TestContext.Current.CancellationToken);
        }

        await session.CompleteAsync(TestContext.Current.CancellationToken);
        return results;
    }
}
