using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.EventStore.Migrations;
using Exchange.Server.Governance;
using Exchange.Server.Identity;
using Exchange.Server.Identity.Users;
using Exchange.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Exchange.Server.Tests.Governance;

public class GovernanceConfirmationTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_node_without_its_database_stops_deciding_after_a_second_and_goes_on_when_it_is_back()
    {
        var server = await TestPostgres.StartOwnAsync();
        var folder = server.DataDirectory;
        var keys = Directory.CreateTempSubdirectory("exchange-confirm-").FullName;
        try
        {
            var connectionString = await server.CreateDatabaseAsync("confirm", CancellationToken.None);
            await Migrator.ApplyAsync(connectionString, [], TimeProvider.System, NullLogger.Instance, CancellationToken.None);
            await using var log = await EventLog.OpenAsync(
                new EventLogOptions { ConnectionString = connectionString, KeyFile = Path.Combine(keys, "hub-key") },
                TimeProvider.System,
                NullLoggerFactory.Instance,
                CancellationToken.None);
            using var store = new GovernanceStore(log, new ClientDirectory(), new UserDirectory(), GovernanceStore.Patience);
            await store.StartAsync(CancellationToken.None);
            Assert.False(store.Confirm().IsRefused);

            await server.DisposeAsync();
            var stopped = await UntilAsync(() => store.Confirm().IsRefused);
            var waited = await store.ConfirmAsync(CancellationToken.None);

            Assert.InRange(stopped, TimeSpan.Zero, TimeSpan.FromSeconds(3));
            Assert.Equal(RefusalReason.GovernanceNotConfirmed, waited.Refusal?.Reason);

            server = await EventStore.Embedded.EmbeddedPostgres.StartAsync(
                new() { DataDirectory = folder }, NullLogger.Instance, CancellationToken.None);
            await UntilAsync(() => !store.Confirm().IsRefused);
            await store.StopAsync(CancellationToken.None);
        }
        finally
        {
            await server.DisposeAsync();
            TestPostgres.Delete(folder);
            Directory.Delete(keys, recursive: true);
        }
    }

    // What is waited for is the passing of time itself: there is no signal for a confirmation that does not come.
    private static async Task<TimeSpan> UntilAsync(Func<bool> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, Deadline);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return TimeProvider.System.GetElapsedTime(began);
    }
}
