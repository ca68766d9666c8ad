using Exchange.Protos.V1;
using Exchange.Server.Tests.Records;
using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Server.Tests.Access.HiddenValues;

/// <summary>Nothing that a reader is answered depends on a value that it may not read: answers of two stores that differ in such values alone are the same bytes.</summary>
public sealed class HiddenValuesTests
{
    private const int AtOnce = 24;

    [Theory]
    [InlineData(1, 250)]
    public Task What_may_not_be_read_shows_in_no_answer(int seed, int pairs) => CompareAsync(seed, pairs);

    [Theory]
    [Trait("Stage", "Full")]
    [InlineData(2, 10_000)]
    public Task What_may_not_be_read_shows_in_no_answer_of_ten_thousand_pairs(int seed, int pairs) => CompareAsync(seed, pairs);

    private static async Task CompareAsync(int seed, int pairs)
    {
        await using var stores = await StorePair.StartAsync();
        await stores.HappenAsync(seed, pairs);
        var wrong = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var compared = 0;

        await Parallel.ForEachAsync(stores.Histories, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (history, _) =>
        {
            foreach (var (kind, ask) in Questions(history, seed))
            {
                var (first, second) = (await ask(stores, City.Archive, false), await ask(stores, City.Archive, true));
                lock (wrong)
                {
                    compared++;
                    if (first != second)
                    {
                        wrong.Add($"{history.Number} {history.Field} {kind}");
                    }
                }

                // The control: whoever may read the field is answered otherwise by the two.
                if (history.Number < 200 && await ask(stores, OwnerOf(history), false) != await ask(stores, OwnerOf(history), true))
                {
                    lock (seen)
                    {
                        seen.Add(kind);
                    }
                }
            }
        });

        Assert.Empty(wrong.Order().Take(20));
        Assert.True(compared >= 4 * pairs, $"only {compared} answers were compared");
        Assert.Superset(new HashSet<string> { "get", "as of", "history", "pull", "filter by the field" }, seen);
        await CompareWholesAsync(stores);
    }

    // All records, in the hub's order and in the reader's; all changes.
    private static async Task CompareWholesAsync(StorePair stores)
    {
        foreach (var order in new[] { "", "calls desc" })
        {
            var request = new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, OrderBy = order };
            Assert.Equal(await PullAsync(stores, City.Archive, false, request), await PullAsync(stores, City.Archive, true, request));
        }

        var heads = await stores.HeadsAsync();
        var (first, second) = (await FollowAsync(stores, City.Archive, false, heads), await FollowAsync(stores, City.Archive, true, heads));
        Assert.Equal(first.Count, second.Count);
        Assert.Equal(first, second);
        Assert.NotEqual(await FollowAsync(stores, City.Centre, false, heads), await FollowAsync(stores, City.Centre, true, heads));
    }

    private static Exchange.Catalog.Caller OwnerOf(PairedHistory history) => history.Field switch { "grid_note" => City.Grid, "result" => City.Housing, _ => City.Centre };

    private static IEnumerable<(string Kind, Func<StorePair, Exchange.Catalog.Caller, bool, Task<string>> Ask)> Questions(PairedHistory history, int seed)
    {
        var random = new Random(HashCode.Combine(seed, history.Number, 7));
        var name = $"resources/complaint/records/{history.Ids[random.Next(history.Ids.Count)]}";
        var word = $"title : {history.Word}";
        yield return ("get", (stores, by, second) => AnswerAsync(stores.RecordsOf(by, second).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation })));
        yield return ("history", (stores, by, second) => AnswerAsync(stores.RecordsOf(by, second).GetRecordHistoryAsync(
            new GetRecordHistoryRequest { Name = name, Purpose = Purpose.Regulation, PageSize = 3 })));
        yield return ("pull", (stores, by, second) => PullAsync(stores, by, second, new PullRequest
        {
            Resource = "resources/complaint", Purpose = Purpose.Regulation, Filter = word, OrderBy = history.Number % 2 is 0 ? "calls" : "", Limit = history.Number % 3,
        }));
        foreach (var one in More(history, name, word).Where((_, index) => (index + history.Number) % 3 is 0))
        {
            yield return one;
        }
    }

    // What is asked in every third history.
    private static IEnumerable<(string Kind, Func<StorePair, Exchange.Catalog.Caller, bool, Task<string>> Ask)> More(PairedHistory history, string name, string word)
    {
        yield return ("as of", (stores, by, second) => AnswerAsync(stores.RecordsOf(by, second).GetRecordAsync(
            new GetRecordRequest { Name = name, Purpose = Purpose.Regulation, Position = 1 + (history.Number % 40) })));
        yield return ("get the field", (stores, by, second) => AnswerAsync(stores.RecordsOf(by, second).GetRecordAsync(
            new GetRecordRequest { Name = name, Purpose = Purpose.Regulation, Fields = { "title", history.Field } })));
        yield return ("filter by the field", (stores, by, second) => PullAsync(stores, by, second, new PullRequest
        {
            Resource = "resources/complaint", Purpose = Purpose.Regulation, Filter = $"{word} AND NOT {history.Field} = \"a11\" AND {history.Field}:*",
        }));
        yield return ("order by the field", (stores, by, second) => PullAsync(stores, by, second, new PullRequest
        {
            Resource = "resources/complaint", Purpose = Purpose.Regulation, Filter = word, OrderBy = history.Field,
        }));
        yield return ("search", (stores, by, second) => PullAsync(stores, by, second, new PullRequest
        {
            Resource = "resources/complaint", Purpose = Purpose.Regulation, Filter = $"{word} AND title : \"秘密\"",
        }));
        yield return ("search in the field", (stores, by, second) => PullAsync(stores, by, second, new PullRequest
        {
            Resource = "resources/complaint", Purpose = Purpose.Regulation, Filter = $"{word} AND content : \"秘密\"",
        }));
    }

    private static async Task<string> AnswerAsync<T>(AsyncUnaryCall<T> call)
        where T : IMessage
    {
        try
        {
            return Convert.ToHexString((await call).ToByteArray());
        }
        catch (RpcException e)
        {
            return TextOf(e);
        }
    }

    private static async Task<string> PullAsync(StorePair stores, Exchange.Catalog.Caller by, bool second, PullRequest request)
    {
        var bytes = new List<string>();
        try
        {
            using var call = stores.RecordsOf(by, second).Pull(request);
            await foreach (var response in call.ResponseStream.ReadAllAsync())
            {
                bytes.Add(Convert.ToHexString(response.ToByteArray()));
            }
        }
        catch (RpcException e)
        {
            bytes.Add(TextOf(e));
        }

        return string.Join('\n', bytes);
    }

    // Where batches part depends on when the feed looks; what they hold does not.
    private static async Task<IReadOnlyList<string>> FollowAsync(StorePair stores, Exchange.Catalog.Caller by, bool second, IReadOnlyDictionary<int, long> heads)
    {
        using var call = stores.FeedOf(by, second).Follow(new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Beginning = true });
        var changes = new List<(int Partition, long Position, string Bytes)>();
        var left = heads.Where(head => head.Value > 0).ToDictionary();
        while (left.Count > 0 && await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
        {
            var response = call.ResponseStream.Current;
            changes.AddRange((response.Batch?.Changes ?? []).Select(change => (change.Partition, change.Position, Convert.ToHexString(change.ToByteArray()))));
            foreach (var covered in (response.Batch?.Coverage ?? []).Where(covered => left.TryGetValue(covered.Partition, out var head) && covered.Through >= head))
            {
                left.Remove(covered.Partition);
            }
        }

        return [.. changes.OrderBy(change => change.Partition).ThenBy(change => change.Position).Select(change => change.Bytes)];
    }

    private static string TextOf(RpcException e) => $"{e.StatusCode} {e.Status.Detail} {Convert.ToHexString(e.Trailers.GetValueBytes("grpc-status-details-bin") ?? [])}";
}
