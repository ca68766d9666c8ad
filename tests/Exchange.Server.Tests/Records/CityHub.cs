using System.Collections.Concurrent;
using System.Security.Cryptography;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.EventStore;
using Exchange.Server.Governance;
using Exchange.Server.Records.Subjects;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Tests.Records;

/// <summary>A running hub with the invented city in it, and a client for each of its departments.</summary>
public sealed class CityHub : IAsyncLifetime
{
    private readonly ConcurrentDictionary<ClientId, TestClient> clients = new();
    private TestHub? hub;
    private int pushes;

    /// <summary>How the hub is started.</summary>
    internal TestHubSettings Settings { get; init; } = new();

    /// <summary>True leaves the city out: the test founds one of its own.</summary>
    internal bool IsEmpty { get; init; }

    internal TestHub Hub => hub ?? throw new InvalidOperationException("not initialised");

    internal EventLog Log => Hub.Services.GetRequiredService<EventLog>();

    internal NpgsqlDataSource Database => Hub.Services.GetRequiredService<NpgsqlDataSource>();

    internal GovernanceState State => Hub.Services.GetRequiredService<GovernanceStore>().Current;

    public async ValueTask InitializeAsync()
    {
        hub = await TestHub.StartAsync("city", Settings);
        if (IsEmpty)
        {
            return;
        }

        await Hub.Services.GetRequiredService<SubjectTables>().EnsureAsync(City.State.Resources["complaint"], CancellationToken.None);
        foreach (var department in City.State.Departments.Values)
        {
            await HappenAsync(new GovernanceEvent.DepartmentRegistered(department));
        }

        foreach (var list in City.State.CodeLists.Values)
        {
            await HappenAsync(new GovernanceEvent.CodeListPublished(list));
        }

        await HappenAsync(new GovernanceEvent.ResourcePublished(City.State.Resources["complaint"]));
        foreach (var caller in new[] { City.Centre, City.Housing, City.Traffic, City.Grid, City.Archive })
        {
            await RegisterAsync(caller);
        }
    }

    public ValueTask DisposeAsync() => Hub.DisposeAsync();

    /// <summary>Stores a fact as it is.</summary>
    internal async Task HappenAsync(GovernanceEvent fact)
    {
        var commands = Hub.Services.GetRequiredService<GovernanceCommands>();
        var done = await commands.ExecuteAsync<string>(
            City.Centre, Guid.NewGuid(), (_, _) => new GovernanceDecision<string>("done", fact), CancellationToken.None);
        Assert.False(done.IsRefused);
    }

    /// <summary>Registers a client of a department.</summary>
    internal async Task RegisterAsync(Caller caller)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await HappenAsync(new GovernanceEvent.ClientRegistered(new ClientRegistration
        {
            Id = caller.Client,
            Department = caller.Department,
            Authentication = ClientAuthentication.PrivateKeyJwt,
            Keys = [.. PublicKeySet.Parse(TestClient.ToJwks(key)).Value.Keys.Select(one => new RegisteredKey { Id = one.Thumbprint, PublicKey = one })],
            Role = caller.Role,
        }));
        Assert.True(clients.TryAdd(caller.Client, await Hub.SignInAsync(caller.Department, caller.Client, key)));
    }

    /// <summary>The client of this caller.</summary>
    internal TestClient ClientOf(Caller caller) => clients[caller.Client];

    /// <summary>Calls records as this caller.</summary>
    internal Proto.RecordsService.RecordsServiceClient RecordsOf(Caller caller) => new(ClientOf(caller).Invoker);

    /// <summary>Calls feeds as this caller.</summary>
    internal Proto.FeedService.FeedServiceClient FeedOf(Caller caller) => new(ClientOf(caller).Invoker);

    /// <summary>A header of the caller's own source system, with a push id not used before.</summary>
    internal Proto.PushHeader Header(Caller caller, params string[] fields) => new()
    {
        Resource = "resources/complaint",
        SourceSystem = caller.Department.Value + "-desk",
        // Not one that a spoilt message of another push may come to have.
        PushId = $"{Guid.NewGuid():n}-{Interlocked.Increment(ref pushes)}",
        Fields = { fields },
    };

    /// <summary>Pushes one batch through the channel.</summary>
    internal async Task<Proto.PushReceipt> PushAsync(Caller caller, Proto.PushHeader header, params Proto.PushedRecord[] records) =>
        await RecordsOf(caller).PushBatchAsync(new Proto.PushBatchRequest { Header = header, Batch = new Proto.PushedBatch { Sequence = 1, Records = { records } } });

    /// <summary>Heads of the record partitions now.</summary>
    internal Task<IReadOnlyDictionary<int, long>> HeadsAsync() => Log.Reader.ReadHeadsAsync([.. Log.Partitions.Records], CancellationToken.None);

    /// <summary>Waits until an event of this type has this text in its payload.</summary>
    internal async Task EventsAsync(string type, string text, TimeSpan patience)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (await ScalarAsync<long>($"SELECT count(*) FROM log.event WHERE type = '{type}' AND position(convert_to('{text}', 'UTF8') in payload) > 0") is 0)
        {
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, patience);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    internal async Task ExecuteAsync(string statement)
    {
        await using var command = Database.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }

    internal async Task<T> ScalarAsync<T>(string query)
    {
        await using var command = Database.CreateCommand(query);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
