using Exchange.Clients;
using Exchange.Clients.Identity;
using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Faults.Kills;

/// <summary>An invented city for the crash tests, made through the public API: departments that each open incidents of their own.</summary>
internal static class FaultCity
{
    public const string Resource = "resources/incident";

    /// <summary>Fields in the order the writers push them: `title` is public, `note` is sealed in the log.</summary>
    public static readonly string[] Fields = ["title", "note"];

    /// <summary>Number of the field `title`.</summary>
    public const int Title = 1;

    /// <summary>Number of the field `note`.</summary>
    public const int Note = 2;

    /// <summary>A client of a hub that runs as a program.</summary>
    public static ExchangeClient Client(HubProgram hub, string id, ClientKey key) => new(new ExchangeClientOptions
    {
        Address = hub.Grpc,
        TokenEndpoint = hub.TokenEndpoint,
        Credential = ClientCredential.PrivateKey(id, key),
        RetryFor = TimeSpan.FromMinutes(5),
    });

    /// <summary>The hub's operator.</summary>
    public static ExchangeClient Operator(HubProgram hub) =>
        Client(hub, "operator", ClientKey.FromPem(File.ReadAllText(Path.Combine(hub.DataDirectory, "operator-key.pem"))));

    /// <summary>Registers a city of departments, each with one client, and publishes the resource. Department, source system and client share a name.</summary>
    public static async Task<IReadOnlyList<(string Name, ExchangeClient Client)>> FoundAsync(HubProgram hub, int departments, CancellationToken cancellationToken)
    {
        await using var founder = Operator(hub);
        var clients = new List<(string Name, ExchangeClient Client)>();
        for (var number = 1; number <= departments; number++)
        {
            var name = $"desk-{number}";
            clients.Add((name, await RegisterAsync(hub, founder, name, cancellationToken)));
        }

        await founder.Catalog.PublishResourceAsync(
            new Resource
            {
                Name = Resource,
                DisplayName = "Incident",
                Abstract = "Invented incidents of the crash tests.",
                Department = $"departments/{clients[0].Name}",
                UpdateCycle = UpdateCycle.Realtime,
                Fields = { Text("title", Title, Level.Public), Text("note", Note, Level.Sensitive) },
            },
            cancellationToken);
        return clients;
    }

    /// <summary>Registers a department with a source system and a client of its name, and connects it.</summary>
    public static async Task<ExchangeClient> RegisterAsync(HubProgram hub, ExchangeClient founder, string name, CancellationToken cancellationToken)
    {
        await founder.Departments.CreateAsync(
            new Department { Name = $"departments/{name}", DisplayName = name, Level = AdministrativeLevel.City, SourceSystems = { name } }, cancellationToken);
        return await RegisterAsync(hub, founder, name, name, Role.DepartmentSystem, cancellationToken);
    }

    /// <summary>Registers a client of a department.</summary>
    public static async Task<ExchangeClient> RegisterAsync(
        HubProgram hub, ExchangeClient founder, string department, string client, Role role, CancellationToken cancellationToken)
    {
        var key = ClientKey.Create();
        await founder.Identity.CreateAsync(
            $"departments/{department}",
            client,
            new Client { Authentication = ClientAuthentication.PrivateKeyJwt, Jwks = key.ToJwks(), Role = role },
            cancellationToken);
        return Client(hub, client, key);
    }

    private static Field Text(string name, int number, Level level) => new()
    {
        Name = name,
        Number = number,
        Type = FieldType.Text,
        DisplayName = name,
        Owner = new OwnerRule { Opener = true },
        Level = level,
        SharingClass = level is Level.Public ? SharingClass.Unconditional : SharingClass.Conditional,
        OpenClass = OpenClass.NotOpen,
        OpenBasis = new Basis { Kind = BasisKind.Other, Text = "invented" },
        MaxLength = 200,
    };
}
