using Exchange.Catalog;
using Exchange.Protos.V1;
using Exchange.Server.Grpc.Room;
using Exchange.Server.Records.Push;
using Grpc.Core;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Push;

/// <summary>Batches that are presumed to open records only, so that the records are not looked for.</summary>
public sealed class PresumedPushTests(PushFixture fixture) : IClassFixture<PushFixture>
{
    private static readonly string[] Fields = ["title", "calls"];

    [Theory]
    [InlineData(2)]
    [InlineData(150)]
    public async Task A_batch_of_new_records_is_stored_as_if_it_had_not_been_presumed(int count)
    {
        var presumed = await PushAsync(isPresumed: true, New($"right-{count}", count));
        var looked = await PushAsync(isPresumed: false, New($"looked-{count}", count));

        Assert.Equal(looked, presumed);
        Assert.All(presumed, result => Assert.Equal((RecordOutcome.Accepted, 1L), (result.Outcome, result.Version)));
        Assert.Equal(count, await fixture.ScalarAsync<long>($"SELECT count(*) FROM subject.complaint WHERE source_id LIKE 'right-{count}-%' AND version = 1 AND calls = 1"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    public async Task A_batch_that_meets_records_it_was_presumed_to_open_gets_the_receipt_it_would_have_got_anyway(int each)
    {
        await PushAsync(isPresumed: false, New($"met-{each}", 3 * each));
        await PushAsync(isPresumed: false, New($"seen-{each}", 3 * each));
        var before = PresumedWrongly;

        var presumed = await PushAsync(isPresumed: true, Mixed($"met-{each}", each));
        var between = PresumedWrongly;
        var looked = await PushAsync(isPresumed: false, Mixed($"seen-{each}", each));

        Assert.Equal(looked, presumed);
        Assert.True(between > before);
        Assert.Equal(between, PresumedWrongly);
        Assert.Equal(2 * each, presumed.Count(result => result is { Outcome: RecordOutcome.Accepted, Version: 2 }));
        Assert.Equal(2 * each, presumed.Count(result => result is { Outcome: RecordOutcome.Accepted, Version: 1 }));
        Assert.Equal(2 * each, presumed.Count(result => result.Outcome is RecordOutcome.Unchanged));
    }

    [Fact]
    public async Task A_push_that_seals_tells_an_erased_record_from_a_new_one()
    {
        string[] sealing = ["title", "phone"];
        var first = await PushAsync(isPresumed: false, sealing, Own("erased", Text("a"), Text("555")));
        var stream = RecordId.Create(City.Complaint, "centre-desk", "erased").Value;
        await fixture.Log.Keys.DestroyAsync(fixture.Log.Partitions.ForRecord(stream), stream, CancellationToken.None);

        var again = await PushAsync(isPresumed: true, sealing, Own("erased", Text("a"), Text("555")));
        var other = await PushAsync(isPresumed: true, sealing, Own("erased", Text("a"), Text("556")));

        Assert.Equal(RecordOutcome.Accepted, Assert.Single(first).Outcome);
        Assert.Equal(RecordOutcome.Unchanged, Assert.Single(again).Outcome);
        Assert.Equal((RecordOutcome.Rejected, "RECORD_NOT_FOUND"), (Assert.Single(other).Outcome, Assert.Single(other).Reasons));
    }

    [Fact]
    public async Task Only_a_stream_that_opens_records_is_presumed_to_open_more_not_one_that_repeats_what_did()
    {
        var header = fixture.Header(City.Centre, Fields);
        PushedBatch[] batches = [.. Enumerable.Range(1, 3).Select(number => new PushedBatch { Sequence = number, Records = { New(number is 3 ? "streak-1" : $"streak-{number}", number is 3 ? 1 : 500) } })];
        var before = PresumedWrongly;

        await StreamAsync(header, batches[..2]);
        await StreamAsync(header, batches);
        Assert.Equal(before, PresumedWrongly);

        var other = fixture.Header(City.Centre, Fields);
        await StreamAsync(other, [new() { Sequence = 1, Records = { New("fresh", 1_000) } }, new() { Sequence = 2, Records = { New("fresh", 1) } }]);
        Assert.True(PresumedWrongly > before);
    }

    private async Task StreamAsync(PushHeader header, PushedBatch[] batches)
    {
        using var turns = new InTurn(header, batches);
        using var stream = new PushStream(fixture.Pusher, City.Centre, turns, new RequestBudget(32L << 20));
        await stream.RunAsync(turns, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
    }

    private int PresumedWrongly => fixture.Lines.Lines.Count(line => line.Contains("presumed", StringComparison.Ordinal));

    private static PushedRecord[] New(string prefix, int count) => [.. Enumerable.Range(0, count).Select(i => Own($"{prefix}-{i}", Text("old"), Number(1)))];

    // Of those that are there: changed ones, equal ones, and ones that are only right because they are there. Then new ones, also twice, and wrong ones.
    private static PushedRecord[] Mixed(string prefix, int each) =>
    [
        .. Enumerable.Range(0, each).Select(i => Own($"{prefix}-{i}", Text("new"), Number(1))),
        .. Enumerable.Range(each, each).Select(i => Own($"{prefix}-{i}", Text("old"), Number(1))),
        .. Enumerable.Range(2 * each, each).Select(i => Own($"{prefix}-{i}", NotSent, Number(2))),
        .. Enumerable.Range(3 * each, each).Select(i => Own($"{prefix}-{i}", Text("old"), Number(1))),
        .. Enumerable.Range(4 * each, each).SelectMany(i => Enumerable.Repeat(Own($"{prefix}-{i}", Text("old"), Number(1)), 2)),
        .. Enumerable.Range(5 * each, each).Select(i => Own($"{prefix}-{i}", NotSent, Number(1))),
        .. Enumerable.Range(6 * each, each).Select(i => Own($"{prefix}-{i}", Number(1), Number(1))),
    ];

    private static Value Number(long number) => new() { Integer = number };

    private Task<List<Told>> PushAsync(bool isPresumed, params PushedRecord[] records) => PushAsync(isPresumed, Fields, records);

    private async Task<List<Told>> PushAsync(bool isPresumed, string[] fields, params PushedRecord[] records)
    {
        var form = PushHeaderForm.Parse(fixture.Header(City.Centre, fields)).Value;
        var plan = (await fixture.Pusher.PlanAsync(City.Centre, form, CancellationToken.None)).Value;
        var batch = RecordPusher.Prepare(plan, BatchContent.Of(new PushedBatch { Sequence = 1, Records = { records } })).Value;
        batch.PresumesNew = isPresumed;
        var receipt = (await fixture.TryPushAsync(City.Centre, form, batch)).Value;
        return [.. receipt.Results.Select(result => new Told(result.Outcome, result.Version, string.Join(',', result.Errors.Select(error => error.Reason))))];
    }

    private readonly record struct Told(RecordOutcome Outcome, long Version, string Reasons);

    /// <summary>A client that sends each batch when it has the receipt of the one before.</summary>
    private sealed class InTurn(PushHeader header, PushedBatch[] batches) : IAsyncStreamReader<PushFrame>, IServerStreamWriter<PushedReceipt>, IDisposable
    {
        // The header and the first batch wait for nothing.
        private readonly SemaphoreSlim turns = new(2);
        private int place = -1;

        public WriteOptions? WriteOptions { get; set; }

        public PushFrame Current => PushFrame.Of(place is 0 ? new PushRequest { Header = header } : new PushRequest { Batch = batches[place - 1] });

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            await turns.WaitAsync(cancellationToken);
            return ++place <= batches.Length;
        }

        public Task WriteAsync(PushedReceipt message)
        {
            turns.Release();
            return Task.CompletedTask;
        }

        // The interface's own form with a token refuses tokens.
        public Task WriteAsync(PushedReceipt message, CancellationToken cancellationToken) => WriteAsync(message);

        public void Dispose() => turns.Dispose();
    }
}
