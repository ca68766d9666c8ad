using static Exchange.EventStore.Tests.Appends;

namespace Exchange.EventStore.Tests.Reading;

public sealed class CancelledReadTests
{
    [Fact]
    public async Task A_reader_that_leaves_while_its_query_is_planned_spoils_no_later_read()
    {
        // Npgsql takes a statement for prepared before it knows its columns; when the server breaks off in between, every later use of the statement on
        // that connection failed with "unexpected backend message DataRow".
        await using var store = await TestStore.CreateAsync("cancelled");
        var log = await store.OpenAsync();
        var stream = Guid.NewGuid();
        var partition = log.Partitions.ForRecord(stream);
        await log.AppendAsync(Unit(partition, Event(stream)));
        Assert.Single(await log.Reader.ReadHashesAsync(partition, 0, 10, CancellationToken.None));

        // Whoever plans must look at the index, and whoever only parses must not.
        await using (var connection = await store.Database.OpenConnectionAsync(CancellationToken.None))
        {
            await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
            await using var hold = connection.CreateCommand();
            hold.CommandText = "REINDEX INDEX log.event_pkey";
            await hold.ExecuteNonQueryAsync(CancellationToken.None);
            using var leaving = new CancellationTokenSource();
            var read = log.Reader.ReadHashesAsync(partition, 0, 10, leaving.Token);
            await store.UntilBlockedAsync();
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        }

        for (var again = 0; again < 3; again++)
        {
            Assert.Single(await log.Reader.ReadHashesAsync(partition, 0, 10, CancellationToken.None));
        }
    }
}
