using System.Globalization;
using Exchange.Clients;
using Exchange.Clients.Records;
using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Faults.Feeds;

/// <summary>A desk that opens incidents and changes its own: each push has a title and a note of its own, some move to another district.</summary>
internal sealed class FeedWriter(string name, ExchangeClient client, int seed)
{
    private const int MostRecords = 40;

    private readonly Random random = new(seed);
    private int pushed;
    private int records;

    /// <summary>Records acknowledged as changed.</summary>
    public int Accepted { get; private set; }

    /// <summary>Pushes until told to stop, and returns when every record has its receipt.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var header = new PushHeader { Resource = FeedCity.Resource, SourceSystem = name, PushId = $"{name}-push", Fields = { FeedCity.Fields } };
        await using var session = client.Records.OpenPush<int>(header, new PushOptions { BatchRecords = MostRecords }, (_, receipt) =>
        {
            // A push that is sent again after a kill may come behind a newer one of its record: that is all a desk is refused for here.
            Assert.All(receipt.Results, result => Assert.True(
                result.Outcome is RecordOutcome.Accepted or RecordOutcome.Unchanged, $"{result.Outcome}: {string.Join(", ", result.Errors.Select(error => error.Reason))}"));
            Accepted += receipt.Results.Count(result => result.Outcome is RecordOutcome.Accepted);
            return ValueTask.CompletedTask;
        });
        while (!stop.IsCancellationRequested)
        {
            for (var count = random.Next(1, MostRecords); count > 0; count--)
            {
                await session.AddAsync(Next(), 0, CancellationToken.None);
            }

            await session.FlushAsync(CancellationToken.None);
            await Task.Delay(random.Next(50), CancellationToken.None);
        }

        await session.CompleteAsync(CancellationToken.None);
    }

    private PushedRecord Next()
    {
        var isNew = records is 0 || random.Next(3) is 0;
        var number = isNew ? records++ : random.Next(records);
        var title = string.Create(CultureInfo.InvariantCulture, $"{name}/{++pushed}");
        return new PushedRecord
        {
            SourceId = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"),
            SourceVersion = pushed,
            Values =
            {
                Text(title),

                // Most of a record's pushes name the same district; every fifth moves it.
                Text(FeedCity.Districts[(number + (random.Next(5) is 0 ? random.Next(FeedCity.Districts.Length) : 0)) % FeedCity.Districts.Length]),
                Text(string.Create(CultureInfo.InvariantCulture, $"555{random.Next(3):0000}{number % 10}")),
                Text(FeedJudge.NoteOf(title)),
            },
        };
    }

    private static Value Text(string text) => new() { Text = text };
}
