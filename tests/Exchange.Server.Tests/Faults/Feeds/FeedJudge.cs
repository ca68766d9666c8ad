using Exchange.Protos.Stored.V1;
using Exchange.Protos.V1;
using Npgsql;

namespace Exchange.Server.Tests.Faults.Feeds;

/// <summary>
/// Knows from the stored events alone what each reader must have been told: in this order, each once, whole, and nothing else. Of the hub's code it uses
/// only the stored messages.
/// </summary>
internal sealed class FeedJudge
{
    // Shown for the characters that a mask hides.
    private const string Hidden = "＊";

    private const string SelectEvents = "SELECT partition, position, stream_id, payload FROM log.event WHERE type = 'fields-pushed' ORDER BY partition, position";

    private const string SelectHeads = "SELECT p.partition, h.head FROM log.log_partition AS h JOIN log.partition_slot AS p ON p.partition = h.partition WHERE p.kind = 'record'";

    // By partition: what each event is to a reader of everything, and the districts before and after it.
    private readonly Dictionary<int, List<Fact>> facts = [];

    private FeedJudge(IReadOnlyDictionary<int, long> heads) => Heads = heads;

    /// <summary>Last position of each partition of records.</summary>
    public IReadOnlyDictionary<int, long> Heads { get; }

    /// <summary>What a desk writes as the note of a title.</summary>
    public static string NoteOf(string title) => $"note of {title}";

    /// <summary>Reads what is stored now.</summary>
    public static async Task<FeedJudge> ReadAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        var judge = new FeedJudge(await ReadHeadsAsync(source));
        var records = new Dictionary<Guid, Dictionary<int, string>>();
        await using var command = source.CreateCommand(SelectEvents);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var (partition, id) = (reader.GetInt32(0), reader.GetGuid(2));
            if (!judge.facts.TryGetValue(partition, out var list))
            {
                judge.facts.Add(partition, list = []);
            }

            list.Add(Apply(records, id, reader.GetInt64(1), FieldsPushed.Parser.ParseFrom(reader.GetFieldValue<byte[]>(3))));
        }

        return judge;
    }

    /// <summary>The first thing in which what a consumer kept differs from what it must have been told; null when nothing does.</summary>
    public string? FindFault(FeedConsumer consumer) => FindFault(consumer.District, consumer.Kept);

    /// <summary>As the other, of what a reader of a district kept.</summary>
    public string? FindFault(string? district, IReadOnlyDictionary<int, List<Delivery>> kept)
    {
        foreach (var (partition, list) in facts)
        {
            var expected = list.Select(fact => fact.For(district)).OfType<Delivery>().ToList();
            var found = kept.GetValueOrDefault(partition) ?? [];
            var same = expected.Zip(found).TakeWhile(pair => pair.First == pair.Second).Count();
            if (same < expected.Count || same < found.Count)
            {
                return $"partition {partition}, change {same + 1}: told {(same < found.Count ? found[same] : "nothing")}, stored {(same < expected.Count ? expected[same] : "nothing")}";
            }
        }

        return kept.Keys.Except(facts.Keys).Any() ? "a change of a partition that holds none" : null;
    }

    private static Fact Apply(Dictionary<Guid, Dictionary<int, string>> records, Guid id, long position, FieldsPushed pushed)
    {
        var isNew = !records.TryGetValue(id, out var record);
        if (isNew)
        {
            records.Add(id, record = []);
        }

        var before = isNew ? null : record![2];
        var changed = pushed.Changes.ToDictionary(change => change.Number, change => change.Value.Text);
        foreach (var number in pushed.SealedFields)
        {
            changed.Add(number, NoteOf(changed[1]));
        }

        foreach (var (number, text) in changed)
        {
            record![number] = text;
        }

        return new Fact(position, before, record![2], Delivery.Hash(id, Shown(record)), Delivery.Hash(id, Shown(changed)), Delivery.Hash(id, []));
    }

    private static IEnumerable<(string Field, string Text)> Shown(Dictionary<int, string> values) =>
        values.Select(value => (FeedCity.Fields[value.Key - 1], value.Key is 3 ? Hidden + value.Value[^4..] : value.Value));

    private static async Task<Dictionary<int, long>> ReadHeadsAsync(NpgsqlDataSource source)
    {
        var heads = new Dictionary<int, long>();
        await using var command = source.CreateCommand(SelectHeads);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            heads.Add(reader.GetInt32(0), reader.GetInt64(1));
        }

        return heads;
    }

    // Before is null for a record's first event.
    private sealed record Fact(long Position, string? Before, string After, int Whole, int Changed, int Nothing)
    {
        public Delivery? For(string? district)
        {
            var sawBefore = Before is not null && (district is null || Before == district);
            var seesAfter = district is null || After == district;
            return (sawBefore, seesAfter) switch
            {
                (false, false) => null,
                (true, false) => new Delivery(Position, ChangeKind.Withdrawn, Nothing),
                (false, true) => new Delivery(Position, ChangeKind.Entered, Whole),
                (true, true) => new Delivery(Position, ChangeKind.Changed, Changed),
            };
        }
    }
}
