using System.Collections.Concurrent;
using Exchange.Protos.V1;
using Exchange.Server.Records.Push;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Push;

/// <summary>Texts stay in the memory their batch came in, which is cleared and used again once the batch is decided: nothing may look there later.</summary>
public sealed class LentTextTests(PushFixture fixture) : IClassFixture<PushFixture>
{
    private const int Desks = 8;
    private const int Batches = 12;
    private const int Records = 20;
    private const int TooLong = 401;

    [Fact]
    public async Task What_is_stored_and_answered_is_what_was_pushed_whatever_became_of_the_batches_memory()
    {
        var pushed = new ConcurrentBag<(PushedRecord Record, RecordResult Result)>();

        // At once and on the same records, so that one batch meets in a transaction what another has left there.
        await Task.WhenAll(Enumerable.Range(0, Desks).Select(desk => Task.Run(async () =>
        {
            var random = new Random(desk);
            var header = fixture.Header(City.Centre, "title", "content");
            for (var sequence = 1; sequence <= Batches; sequence++)
            {
                var batch = new PushedBatch { Sequence = sequence, Records = { Enumerable.Range(0, Records).Select(number => Own($"lent-{number}", Title(random), Content(random))) } };
                var content = BatchContent.Of(batch);
                var kept = content.ValuesOf(0)[0].Value;
                var (first, again) = (await PushAsync(header, content), await PushAsync(header, BatchContent.Of(batch)));

                // The control: who does keep a value has lost it.
                Assert.NotEqual(batch.Records[0].Values[0].Text, kept.AsText);
                Assert.Equal(first, again);
                foreach (var (record, result) in batch.Records.Zip(first.Results))
                {
                    pushed.Add((record, result));
                }
            }
        })));

        Assert.All(pushed, push => Assert.Equal(
            push.Record.Values[0].Text.Length is TooLong ? (RecordOutcome.Rejected, "title TOO_LONG") : (RecordOutcome.Accepted, ""),
            (push.Result.Outcome, string.Join(", ", push.Result.Errors.Select(error => $"{error.Field} {error.Reason}")))));
        foreach (var record in pushed.GroupBy(push => push.Record.SourceId))
        {
            var accepted = record.Where(push => push.Result.Outcome is RecordOutcome.Accepted).OrderBy(push => push.Result.Version).ToList();
            var events = await fixture.EventsAsync(accepted[0].Result.RecordId);

            Assert.Equal(accepted.Select(push => (push.Record.Values[0].Text, push.Record.Values[1].Text)), events.Select(e => (e.Changes[0].Value.AsText, e.Changes[1].Value.AsText)));
            var (title, content) = (accepted[^1].Record.Values[0].Text, accepted[^1].Record.Values[1].Text);
            Assert.Equal($"{title}|{content}|{record.Key}", await fixture.ScalarAsync<string>(
                $"SELECT concat_ws('|', title, content, source_id) FROM subject.complaint WHERE record_id = '{accepted[0].Result.RecordId}'"));
        }
    }

    private static Value Title(Random random) => Text(Words(random, random.Next(10) is 0 ? TooLong : random.Next(12, TooLong)));

    private static Value Content(Random random) => Text(Words(random, random.Next(12, 2_000)));

    private static string Words(Random random, int length) => new(random.GetItems<char>("abcdefghij 噪音投诉", length));

    private async Task<PushReceipt> PushAsync(PushHeader header, BatchContent content)
    {
        var form = PushHeaderForm.Parse(header).Value;
        var plan = await fixture.Pusher.PlanAsync(City.Centre, form, CancellationToken.None);
        return (await fixture.TryPushAsync(City.Centre, form, RecordPusher.Prepare(plan.Value, content).Value)).Value;
    }
}
