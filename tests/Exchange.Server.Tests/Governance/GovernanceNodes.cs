using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.EventStore.Migrations;
using Exchange.Server.Governance;
using Exchange.Server.Hosting;
using Exchange.Server.Identity;
using Exchange.Server.Identity.Users;
using Exchange.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Exchange.Server.Tests.Governance;

/// <summary>A store of its own, and nodes of governance on it without the rest of the hub.</summary>
public sealed class GovernanceNodes : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("exchange-governance-").FullName;
    private readonly List<IAsyncDisposable> nodes = [];

    internal static readonly Caller Operator = new(new("hub-operator"), new("operator"), Role.Operator);

    internal string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        ConnectionString = await TestPostgres.CreateDatabaseAsync("governance");
        await Migrator.ApplyAsync(ConnectionString, [new("server", typeof(HubNode).Assembly)], TimeProvider.System, NullLogger.Instance, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    internal async Task<Node> StartAsync()
    {
        var options = new EventLogOptions { ConnectionString = ConnectionString, KeyFile = Path.Combine(folder, "hub-key") };
        var log = await EventLog.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var clients = new ClientDirectory();
        var store = new GovernanceStore(log, clients, new UserDirectory(), GovernanceStore.Patience);
        var node = new Node(log, store, new GovernanceCommands(log, store), clients);
        nodes.Add(node);
        await store.StartAsync(CancellationToken.None);
        return node;
    }

    internal static Department Department(string id, params string[] systems) => new()
    {
        Id = new(id),
        DisplayName = id,
        Level = AdministrativeLevel.City,
        SourceSystems = [.. systems.Select(system => new SourceSystemId(system))],
    };

    internal sealed record Node(EventLog Log, GovernanceStore Store, GovernanceCommands Commands, ClientDirectory Clients) : IAsyncDisposable
    {
        public Task<Result<Department>> RegisterAsync(Department department) => Commands.ExecuteAsync(
            Operator,
            GovernanceStreams.Department(department.Id),
            (state, now) => DepartmentRules.Register(state, department, now),
            TestContext.Current.CancellationToken);

        public Task<Result<ClientRegistration>> RegisterAsync(ClientRegistration client) => Commands.ExecuteAsync(
            Operator,
            GovernanceStreams.Client(client.Id),
            (state, now) => ClientRules.Register(state, client, "", "", now),
            TestContext.Current.CancellationToken);

        public Task<Result<ClientRegistration>> DisableAsync(ClientRegistration client) => Commands.ExecuteAsync(
            Operator,
            GovernanceStreams.Client(client.Id),
            (state, now) => ClientRules.Disable(state, client.Department, client.Id, now),
            TestContext.Current.CancellationToken);

        public async ValueTask DisposeAsync()
        {
            await Store.StopAsync(CancellationToken.None);
            Store.Dispose();
            await Log.DisposeAsync();
        }
    }
}
