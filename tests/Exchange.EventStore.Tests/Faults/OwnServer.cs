using Exchange.EventStore.Embedded;
using Exchange.Testing;

namespace Exchange.EventStore.Tests.Faults;

/// <summary>A PostgreSQL that a fault test may kill.</summary>
public sealed class OwnServer(EmbeddedPostgres postgres) : IAsyncDisposable
{
    public EmbeddedPostgres Postgres => postgres;

    public static async Task<OwnServer> StartAsync(IReadOnlyDictionary<string, string> settings) => new(await TestPostgres.StartOwnAsync(settings));

    public async ValueTask DisposeAsync()
    {
        await postgres.DisposeAsync();
        TestPostgres.Delete(postgres.DataDirectory);
    }
}
