using System.Security.Cryptography;
using Exchange.EventStore.Chain;
using Exchange.EventStore.Sealing;
using Exchange.EventStore.Tests.Appending;
using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Sealing;

/// <summary>Reliability H9: sealed values, and their erasure without breaking the chain.</summary>
public sealed class SealingTests : IAsyncLifetime
{
    private const string Canary = "invented-canary-3141592";

    private TestStore store = null!;
    private EventLog log = null!;
    private int partition;

    public async ValueTask InitializeAsync()
    {
        store = await TestStore.CreateAsync("sealing");
        log = await store.OpenAsync();
        partition = log.Partitions.Records[0];
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task A_sealed_value_opens_for_its_stream_only_and_is_not_in_the_database()
    {
        var (stream, other) = (Guid.NewGuid(), Guid.NewGuid());
        await SealAsync(log, other, "something else");
        var sealedBytes = await SealAsync(log, stream, Canary);

        var keys = await (await store.OpenAsync()).Keys.LoadAsync([(partition, stream), (partition, other)], CancellationToken.None);

        Assert.Equal(Canary, Text(keys.Open(partition, stream, sealedBytes)));
        Assert.ThrowsAny<CryptographicException>(() => keys.Open(partition, other, sealedBytes));
        sealedBytes[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => keys.Open(partition, stream, sealedBytes));
        Assert.Equal(0L, await store.ScalarAsync<long>($"SELECT count(*) FROM log.event WHERE position(convert_to('{Canary}', 'UTF8') IN payload) > 0"));
    }

    [Fact]
    public async Task The_values_of_one_stream_share_a_key_over_appends_and_nodes()
    {
        var stream = Guid.NewGuid();
        var first = await SealAsync(log, stream, "one");
        var second = await SealAsync(await store.OpenAsync(), stream, "two");
        var third = await SealAsync(log, stream, "three");

        var keys = await log.Keys.LoadAsync([(partition, stream)], CancellationToken.None);

        Assert.Equal(["one", "two", "three"], new[] { first, second, third }.Select(bytes => Text(keys.Open(partition, stream, bytes))));
        Assert.Equal(1L, await store.ScalarAsync<long>("SELECT count(*) FROM log.data_key"));
    }

    [Fact]
    public async Task A_destroyed_key_erases_on_all_nodes_and_the_chain_still_verifies()
    {
        var other = await store.OpenAsync();
        var (stream, kept) = (Guid.NewGuid(), Guid.NewGuid());
        var sealedBytes = await SealAsync(log, stream, Canary);
        var keptBytes = await SealAsync(log, kept, "kept");
        await SealAsync(other, stream, "cached on the other node");

        var destroyed = await log.Keys.DestroyAsync(partition, stream, CancellationToken.None);

        Assert.True(destroyed);
        await Assert.ThrowsAsync<DataKeyDestroyedException>(() => SealAsync(other, stream, "too late"));
        await Assert.ThrowsAsync<DataKeyDestroyedException>(() => SealAsync(log, stream, "too late"));
        foreach (var node in new[] { log, other, await store.OpenAsync() })
        {
            var keys = await node.Keys.LoadAsync([(partition, stream), (partition, kept)], CancellationToken.None);
            Assert.Null(keys.Open(partition, stream, sealedBytes));
            Assert.Equal("kept", Text(keys.Open(partition, kept, keptBytes)));
        }

        await using var verifier = new ChainVerifier(store.ConnectionString);
        Assert.Null((await verifier.VerifyAsync(partition, new Dictionary<long, ReadOnlyMemory<byte>>(), CancellationToken.None)).Fault);
        Assert.True(await log.Keys.DestroyAsync(partition, stream, CancellationToken.None));
        Assert.False(await log.Keys.DestroyAsync(partition, Guid.NewGuid(), CancellationToken.None));
    }

    [Fact]
    public async Task A_key_is_not_waited_for_longer_than_an_append_would_wait()
    {
        var stream = Guid.NewGuid();
        var sealedBytes = await SealAsync(log, stream, "kept");
        var impatient = await store.OpenAsync(options => options with { LockTimeout = TimeSpan.FromMilliseconds(100) });
        await using var held = await store.HoldAsync(partition);

        var destroying = impatient.Keys.DestroyAsync(partition, stream, CancellationToken.None);
        var given = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => destroying.WaitAsync(TimeSpan.FromSeconds(10)));

        Assert.Equal(Npgsql.PostgresErrorCodes.LockNotAvailable, given.SqlState);
        Assert.Equal("kept", Text((await log.Keys.LoadAsync([(partition, stream)], CancellationToken.None)).Open(partition, stream, sealedBytes)));
    }

    [Fact]
    public async Task A_refused_or_failed_decision_leaves_no_key()
    {
        var stream = Guid.NewGuid();
        await Assert.ThrowsAsync<InvalidDataException>(() => log.AppendAsync(new ScriptedUnit(partition, [stream], [stream])
        {
            Caller = "tax",
            Client = "tax-client",
            Decision = context =>
            {
                context.Seal(stream, Bytes(Canary));
                throw new InvalidDataException("planted");
            },
        }));

        Assert.Equal(0L, await store.ScalarAsync<long>("SELECT count(*) FROM log.data_key"));
    }

    [Fact]
    public async Task Sealing_for_a_stream_that_was_not_named_fails()
    {
        var stream = Guid.NewGuid();

        await Assert.ThrowsAsync<InvalidOperationException>(() => log.AppendAsync(new ScriptedUnit(partition, [stream], [])
        {
            Caller = "tax",
            Client = "tax-client",
            Decision = context => context.Seal(stream, Bytes(Canary)),
        }));
    }

    [Fact]
    public async Task The_key_file_is_private_and_another_one_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "file modes are Unix's");
        var mode = new FileInfo(store.KeyFile).UnixFileMode;
        var original = await File.ReadAllTextAsync(store.KeyFile);

        await File.WriteAllTextAsync(store.KeyFile, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        var foreign = await Assert.ThrowsAsync<HubKeyException>(() => store.OpenAsync());
        File.Delete(store.KeyFile);
        var missing = await Assert.ThrowsAsync<HubKeyException>(() => store.OpenAsync());
        await File.WriteAllTextAsync(store.KeyFile, original);
        var opened = await store.OpenAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
        Assert.Contains("not this store's", foreign.Message);
        Assert.Contains("missing", missing.Message);
        Assert.Equal(log.StoreId, opened.StoreId);
    }

    [Fact]
    public void A_bounded_cache_forgets_the_oldest_and_what_an_epoch_ended()
    {
        var cache = new DataKeyCache(10);
        var keys = Enumerable.Range(0, 40).Select(_ => DataKey.Create(1, Guid.NewGuid())).ToList();
        keys.ForEach(key => cache.Add(key, 0));

        Assert.NotNull(cache.Find(1, keys[^1].StreamId));
        Assert.Null(cache.Find(1, keys[0].StreamId));
        Assert.InRange(keys.Count(key => cache.Find(1, key.StreamId) is not null), 1, 10);
        cache.NoteEpoch(1, 1);
        Assert.All(keys, key => Assert.Null(cache.Find(1, key.StreamId)));
    }

    private async Task<byte[]> SealAsync(EventLog node, Guid stream, string value)
    {
        var sealedBytes = Array.Empty<byte>();
        var result = await node.AppendAsync(new ScriptedUnit(partition, [stream], [stream])
        {
            Caller = "tax",
            Client = "tax-client",
            Decision = context => context.Append(stream, "thing-sealed", sealedBytes = context.Seal(stream, Bytes(value))),
        });
        Assert.Null(result.Refusal);
        return sealedBytes;
    }

    private static string? Text(byte[]? bytes) => bytes is null ? null : System.Text.Encoding.UTF8.GetString(bytes);
}
