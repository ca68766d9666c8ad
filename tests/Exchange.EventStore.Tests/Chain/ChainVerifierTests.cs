using Exchange.EventStore.Chain;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Chain;

/// <summary>Reliability H1 to H3 for what the chain alone can show, and with noted heads what it cannot.</summary>
public sealed class ChainVerifierTests : IAsyncLifetime
{
    private const int Events = 60;

    private static readonly Dictionary<long, ReadOnlyMemory<byte>> Nothing = [];

    private TestStore store = null!;
    private EventLog log = null!;
    private ChainVerifier verifier = null!;
    private int partition;

    public async ValueTask InitializeAsync()
    {
        store = await TestStore.CreateAsync("chain");
        log = await store.OpenAsync();
        verifier = new ChainVerifier(store.ConnectionString);
        partition = log.Partitions.Records[0];
        var streams = Enumerable.Range(0, 7).Select(_ => Guid.NewGuid()).ToList();
        for (var i = 0; i < Events; i++)
        {
            await log.AppendAsync(Unit(partition, Event(streams[i % 7], $"payload {i} 诉求")));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await verifier.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task An_untouched_partition_verifies_and_an_empty_one_too()
    {
        var report = await VerifyAsync();
        var empty = await verifier.VerifyAsync(log.Partitions.Records[1], Nothing, CancellationToken.None);

        Assert.Equal((Events, null), (report.Through, report.Fault));
        Assert.Equal((0L, null), (empty.Through, empty.Fault));
        Assert.Equal(await store.ScalarAsync<byte[]>("SELECT head_hash FROM log.log_partition WHERE partition = $1", partition), report.HeadHash.ToArray());
    }

    [Fact]
    public async Task A_changed_byte_in_any_column_is_found_and_located()
    {
        foreach (var change in new[]
        {
            "stream_id = gen_random_uuid()", "version = version + 1000", "type = type || '!'", "payload = set_byte(payload, 3, get_byte(payload, 3) # 1)",
            "payload = payload || '\\x00'", "payload = ''", "caller = 'Tax'", "client = client || ''''", "caller = '', client = caller || client", "governance_position = governance_position + 1",
            "recorded_at = recorded_at + interval '1 microsecond'", "recorded_at = 'infinity'", "recorded_at = '-infinity'", "recorded_at = '0044-03-15 BC'",
            "hash = set_byte(hash, 0, 2)", "hash = set_byte(hash, 32, get_byte(hash, 32) # 128)", "hash = ''", "hash = hash || '\\x00'",
        })
        {
            foreach (var position in new[] { 1, 2, 31, Events })
            {
                await AssertFaultAsync($"UPDATE log.event SET {change} WHERE partition = {partition} AND position = {position}", position, ChainFaultKind.Altered);
            }
        }
    }

    [Fact]
    public async Task Every_byte_of_every_payload_counts()
    {
        // Exhaustive over one event: each of its bytes is flipped.
        var length = await store.ScalarAsync<int>($"SELECT length(payload) FROM log.event WHERE partition = {partition} AND position = 17");
        for (var i = 0; i < length; i++)
        {
            await AssertFaultAsync($"UPDATE log.event SET payload = set_byte(payload, {i}, get_byte(payload, {i}) # 255) WHERE partition = {partition} AND position = 17", 17, ChainFaultKind.Altered);
        }
    }

    [Fact]
    public async Task Deleted_swapped_moved_inserted_and_copied_events_are_found()
    {
        await AssertFaultAsync($"DELETE FROM log.event WHERE partition = {partition} AND position = 1", 1, ChainFaultKind.Missing);
        await AssertFaultAsync($"DELETE FROM log.event WHERE partition = {partition} AND position = 30", 30, ChainFaultKind.Missing);
        await AssertFaultAsync($"DELETE FROM log.event WHERE partition = {partition} AND position > 50", 51, ChainFaultKind.Missing);
        await AssertFaultAsync($"DELETE FROM log.event WHERE partition = {partition}", 1, ChainFaultKind.Missing);
        await AssertFaultAsync(
            $"UPDATE log.event SET position = 1000000 WHERE partition = {partition} AND position = 9; UPDATE log.event SET position = 9 WHERE partition = {partition} AND position = 10; UPDATE log.event SET position = 10 WHERE partition = {partition} AND position = 1000000",
            9,
            ChainFaultKind.Altered);
        await AssertFaultAsync(
            $"INSERT INTO log.event SELECT partition, {Events + 1}, gen_random_uuid(), 1, type, payload, caller, client, governance_position, recorded_at, hash FROM log.event WHERE partition = {partition} AND position = {Events}",
            Events + 1,
            ChainFaultKind.HeadMismatch);
        await AssertFaultAsync($"UPDATE log.log_partition SET head = head - 1 WHERE partition = {partition}", Events, ChainFaultKind.HeadMismatch);
        await AssertFaultAsync($"UPDATE log.log_partition SET head_hash = set_byte(head_hash, 5, get_byte(head_hash, 5) # 1) WHERE partition = {partition}", Events + 1, ChainFaultKind.HeadMismatch);
    }

    [Fact]
    public async Task A_tail_cut_with_its_head_and_a_chain_written_anew_differ_from_a_noted_head()
    {
        var noted = new Dictionary<long, ReadOnlyMemory<byte>> { [Events] = (await VerifyAsync()).HeadHash };
        var cut = $"""
            DELETE FROM log.event WHERE partition = {partition} AND position > 40;
            UPDATE log.log_partition SET head = 40, head_hash = (SELECT hash FROM log.event WHERE partition = {partition} AND position = 40) WHERE partition = {partition}
            """;

        // The chain alone cannot show it: that is what noted heads are for.
        await store.ExecuteAsync(cut);
        var blind = await VerifyAsync();
        var told = await verifier.VerifyAsync(partition, noted, CancellationToken.None);
        for (var i = 41; i <= Events; i++)
        {
            await log.AppendAsync(Unit(partition, Event(Guid.NewGuid(), "another history")));
        }

        var rewritten = await verifier.VerifyAsync(partition, noted, CancellationToken.None);

        Assert.Null(blind.Fault);
        Assert.Equal(ChainFaultKind.Missing, told.Fault?.Kind);
        Assert.Equal(new ChainFault(Events, ChainFaultKind.NotedHeadDiffers), rewritten.Fault);
    }

    [Fact]
    public async Task The_stored_hash_is_what_the_documented_layout_gives()
    {
        // A second implementation, from the layout's text alone.
        await using var command = store.Database.CreateCommand($"""
            SELECT sha256('\x01'::bytea || previous.hash || int4send(e.partition) || int8send(e.position) || uuid_send(e.stream_id) || int8send(e.version)
                || int8send((extract(epoch FROM e.recorded_at) * 1000000)::bigint) || int8send(e.governance_position)
                || int4send(octet_length(e.type)) || convert_to(e.type, 'UTF8') || int4send(octet_length(e.caller)) || convert_to(e.caller, 'UTF8')
                || int4send(octet_length(e.client)) || convert_to(e.client, 'UTF8') || int4send(octet_length(e.payload)) || e.payload), e.hash
            FROM log.event AS e
            JOIN (SELECT position + 1 AS position, hash FROM log.event WHERE partition = {partition}
                UNION ALL SELECT 1, '\x01'::bytea || sha256('exchange log'::bytea || uuid_send(store_id) || int4send({partition})) FROM log.store) AS previous USING (position)
            WHERE e.partition = {partition}
            """);
        await using var reader = await command.ExecuteReaderAsync();
        var count = 0;
        while (await reader.ReadAsync())
        {
            Assert.Equal([1, .. reader.GetFieldValue<byte[]>(0)], reader.GetFieldValue<byte[]>(1));
            count++;
        }

        Assert.Equal(Events, count);
    }

    /// <summary>Tampers inside a transaction's reach of a copy: the change is undone afterwards.</summary>
    private async Task AssertFaultAsync(string tampering, long position, ChainFaultKind kind)
    {
        await store.ExecuteAsync($"CREATE TABLE kept_event AS SELECT * FROM log.event WHERE partition = {partition}; CREATE TABLE kept_head AS SELECT * FROM log.log_partition WHERE partition = {partition}");
        await store.ExecuteAsync(tampering);

        var report = await VerifyAsync();

        Assert.True(report.Fault == new ChainFault(position, kind), $"{tampering}: {report.Fault}");
        await store.ExecuteAsync($"""
            DELETE FROM log.event WHERE partition = {partition}; INSERT INTO log.event SELECT * FROM kept_event;
            DELETE FROM log.log_partition WHERE partition = {partition}; INSERT INTO log.log_partition SELECT * FROM kept_head;
            DROP TABLE kept_event, kept_head
            """);
    }

    private Task<ChainReport> VerifyAsync() => verifier.VerifyAsync(partition, Nothing, CancellationToken.None);
}
