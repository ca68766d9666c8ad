using System.Diagnostics.Metrics;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Protos.V1;
using Exchange.Server.Access;
using Exchange.Server.Audit;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Pull.Paging;
using Exchange.Server.Records.Pull;
using Exchange.Server.Tests.Records.Push;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Purpose = Exchange.Protos.V1.Purpose;

namespace Exchange.Server.Tests.Records.Pull;

/// <summary>How pages become batches: which buffer belongs to whom, and how much of a page is read.</summary>
public sealed class PullBufferTests(CityHub city) : IClassFixture<CityHub>
{
    [Fact]
    public async Task Nothing_of_a_buffer_is_read_after_it_was_given_away()
    {
        // Rows of 20 to 60 KiB, so that batches end in the middle of one again and again.
        const int Records = 90;
        for (var from = 0; from < Records; from += 30)
        {
            await city.PushAsync(City.Centre, city.Header(City.Centre, "title", "content", "tags"), [.. Enumerable.Range(from, 30).Select(number => Pushed.Own(
                $"buffer-{number}", Pushed.Text($"t {number}"), Pushed.Text(Content(number)), new Value { TextList = new TextList { Values = { "buffer" } } }))]);
        }

        var view = await ViewAsync(new PullRequest
        {
            Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "title", "content" }, OrderBy = "source_id", Filter = "tags : \"buffer\"",
        });
        var pages = new PullPages(city.Database, city.Log.Partitions, new PullShape(view), await city.HeadsAsync(), city.Hub.Services.GetRequiredService<OwnerNumbers>());
        List<byte[]> frames = [];

        PullPosition? next = PullPosition.Before(city.Log.Partitions.Records[0]);
        while (next is { } after)
        {
            next = await pages.ReadAsync(after, long.MaxValue, long.MaxValue, Send, CancellationToken.None);
        }

        var rows = frames.SelectMany(frame => PullResponse.Parser.ParseFrom(frame).Batch.Rows).ToDictionary(row => row.Values[0].Text, row => row.Values[1].Text);
        Assert.InRange(frames.Count, 10, 40);
        Assert.Equal(Records, rows.Count);
        Assert.All(Enumerable.Range(0, Records), number => Assert.Equal(Content(number), rows[$"t {number}"]));

        // A sender that is done at once: what it was given is sent, overwritten and in use again before the next line of the reader runs.
        void Send(PullBatch batch)
        {
            batch.Buffer.TextField(RecordBatch.PageTokenFieldNumber, "token");
            batch.Buffer.EndMessage(batch.Frame);
            frames.Add(batch.Buffer.Written.ToArray());
            var capacity = batch.Buffer.Capacity;
            batch.Buffer.Clear();
            batch.Buffer.Raw(Enumerable.Repeat((byte)0xEE, capacity).ToArray());
            pages.Return(batch.Buffer);
        }

        static string Content(int number) => new((char)('a' + (number % 26)), 20_000 + (number * 7_919 % 40_000));
    }

    [Fact]
    public async Task A_page_that_is_full_early_is_not_read_to_its_end()
    {
        // Small rows first, so that the next page asks for very many; there come large ones.
        var header = city.Header(City.Centre, "title", "fee");
        await city.PushAsync(City.Centre, header, [.. Enumerable.Range(0, 900).Select(number => Pushed.Own($"early-{number:0000}", Pushed.Text("early"), new Value { Decimal = "1" }))]);
        var large = new string('噪', 199_000);
        for (var from = 0; from < 60; from += 5)
        {
            await city.PushAsync(City.Centre, city.Header(City.Centre, "title", "fee", "content"), [.. Enumerable.Range(from, 5).Select(number => Pushed.Own(
                $"late-{number:0000}", Pushed.Text("late"), new Value { Decimal = "1" }, Pushed.Text(large)))]);
        }

        long read = 0;
        using var meter = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "Npgsql", Name: "db.client.operation.npgsql.bytes_read" })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meter.SetMeasurementEventCallback<long>((_, bytes, _, _) => Interlocked.Add(ref read, bytes));
        meter.Start();
        var pulled = await Pulled.AllOf(city.RecordsOf(City.Centre).Pull(new PullRequest
        {
            Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "content" }, OrderBy = "source_id", Filter = "fee = 1",
        }));

        var sent = pulled.Batches.Sum(batch => (long)batch.CalculateSize());
        Assert.Equal(960, pulled.Ids.Distinct().Count());
        Assert.InRange(sent, 60 * 597_000L, long.MaxValue);
        Assert.InRange(read, sent, sent + (12 * 1024 * 1024));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("calls = 5", "")]
    [InlineData("", "source_id")]
    public async Task What_was_opened_after_the_pull_began_is_left_to_the_feed(string filter, string order)
    {
        var marker = $"began {filter} {order}";
        await PushAsync(Records("before", 300));
        var heads = await city.HeadsAsync();
        await PushAsync(Records("after", 400));
        await PushAsync([Pushed.Own($"{marker} before 7", Pushed.Text($"{marker} changed"), new Value { Integer = 5 })]);
        var view = await ViewAsync(new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "title" }, OrderBy = order, Filter = filter });
        var pages = new PullPages(city.Database, city.Log.Partitions, new PullShape(view), heads, city.Hub.Services.GetRequiredService<OwnerNumbers>());
        List<string> titles = [];
        var read = 0;

        // Page after page as many more are opened as a page asks for: with an order, too, the pull comes to its end.
        var next = (PullPosition?)PullRoute.Start(city.Log.Partitions.Records);
        while (next is { } after)
        {
            next = await pages.ReadAsync(after, 50, long.MaxValue, Take, CancellationToken.None);
            Assert.InRange(++read, 1, 600);
            await PushAsync(Records($"later {read}", 60));
        }

        // What is changed meanwhile is shown as it is now; of what was opened meanwhile nothing.
        Assert.Equal(
            Enumerable.Range(0, 300).Select(number => number is 7 ? $"{marker} changed" : $"{marker} before {number}").Order(),
            titles.Where(title => title.StartsWith(marker, StringComparison.Ordinal)).Order());

        Task PushAsync(PushedRecord[] records) => city.PushAsync(City.Centre, city.Header(City.Centre, "title", "calls"), records);

        PushedRecord[] Records(string when, int count) =>
            [.. Enumerable.Range(0, count).Select(number => Pushed.Own($"{marker} {when} {number}", Pushed.Text($"{marker} {when} {number}"), new Value { Integer = 5 }))];

        void Take(PullBatch batch)
        {
            batch.Buffer.EndMessage(batch.Frame);
            titles.AddRange(PullResponse.Parser.ParseFrom(batch.Buffer.Written).Batch.Rows.Select(row => row.Values[0].Text));
            pages.Return(batch.Buffer);
        }
    }

    private async Task<PullView> ViewAsync(PullRequest request)
    {
        var query = PullQuery.Parse(request).Value;
        var plan = await city.Hub.Services.GetRequiredService<ReadPlans>().FindAsync(City.Centre, query.Resource, PlanAction.Pull, query.Purpose, CancellationToken.None);
        return query.Under(plan.Value).Value;
    }
}
