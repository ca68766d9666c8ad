using System.Globalization;
using Exchange.Clients;
using Exchange.Clients.Identity;
using Exchange.Protos.V1;

namespace Exchange.Bench;

/// <summary>A hub with one resource of 20 fields, a department that pushes and one that reads; records are made, about 400 bytes each.</summary>
public sealed class BenchCity : IAsyncDisposable
{
    /// <summary>The resource's id and its table's name in schema <c>subject</c>.</summary>
    public const string Resource = "bench";

    private const string Writer = "bench-writer";
    private const string Reader = "bench-reader";
    private static readonly string[] Districts = ["North", "South", "East", "West", "Harbour", "Old Town", "Airport", "Hills"];

    private readonly Uri address;
    private readonly List<ExchangeClient> clients = [];

    private BenchCity(Uri address) => this.address = address;

    /// <summary>Names of the fields, in the order of each record's values.</summary>
    public static IReadOnlyList<string> Fields { get; } = [.. Definition().Fields.Select(f => f.Name)];

    /// <summary>Client of the department that pushes.</summary>
    public ExchangeClient Pusher { get; private set; } = null!;

    /// <summary>Client of the department that reads.</summary>
    public ExchangeClient Puller { get; private set; } = null!;

    /// <summary>Registers departments and clients and publishes the resource.</summary>
    public static async Task<BenchCity> FoundAsync(HubProcess hub, CancellationToken cancellationToken)
    {
        var city = new BenchCity(hub.GrpcAddress);
        var key = ClientKey.FromPem(await File.ReadAllTextAsync(Path.Combine(hub.DataDirectory, "operator-key.pem"), cancellationToken));
        var operatorClient = city.Connect(hub, ClientCredential.PrivateKey("operator", key));
        city.Pusher = await city.RegisterAsync(hub, operatorClient, Writer, cancellationToken);
        city.Puller = await city.RegisterAsync(hub, operatorClient, Reader, cancellationToken);
        await operatorClient.Catalog.PublishResourceAsync(Definition(), cancellationToken);
        return city;
    }

    /// <summary>The header of a push.</summary>
    public static PushHeader Header(string pushId)
    {
        var header = new PushHeader { Resource = $"resources/{Resource}", SourceSystem = Writer, PushId = pushId };
        header.Fields.AddRange(Fields);
        return header;
    }

    /// <summary>A made record; the same number gives the same record.</summary>
    public static PushedRecord Record(string prefix, int number)
    {
        var random = new Random(number);
        var record = new PushedRecord { SourceId = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{number}") };
        var opened = DateTime.UnixEpoch.AddSeconds(1_600_000_000 + random.Next(100_000_000));
        for (var i = 0; i < 10; i++)
        {
            record.Values.Add(new Value { Text = string.Create(CultureInfo.InvariantCulture, $"{Districts[random.Next(8)]} {random.Next(1_000_000):D6} street {random.Next(1000)}") });
        }

        for (var i = 0; i < 4; i++)
        {
            record.Values.Add(new Value { Timestamp = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTime(opened.AddHours(i)) });
        }

        for (var i = 0; i < 3; i++)
        {
            record.Values.Add(new Value { Integer = random.Next(1_000_000) });
        }

        record.Values.Add(new Value { Boolean = random.Next(2) is 0 });
        record.Values.Add(new Value { Date = 18_000 + random.Next(2000) });
        record.Values.Add(new Value { Point = new Point { Latitude = 42 + random.NextDouble(), Longitude = -71 + random.NextDouble() } });
        return record;
    }

    /// <summary>Closes the clients.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private static Resource Definition()
    {
        var resource = new Resource
        {
            Name = $"resources/{Resource}",
            DisplayName = "Bench records",
            DisplayNameZh = "基准记录",
            Abstract = "Made records for measuring.",
            Department = $"departments/{Writer}",
            UpdateCycle = UpdateCycle.Irregular,
        };
        FieldType[] types =
        [
            .. Enumerable.Repeat(FieldType.Text, 10), .. Enumerable.Repeat(FieldType.Timestamp, 4), .. Enumerable.Repeat(FieldType.Integer, 3), FieldType.Boolean,
            FieldType.Date, FieldType.Point,
        ];
        resource.Fields.AddRange(types.Select((type, i) => new Field
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"{type.ToString().ToLowerInvariant()}_{i + 1}"),
            Number = i + 1,
            Type = type,
            DisplayName = $"Field {i + 1}",
            DisplayNameZh = $"字段{i + 1}",
            Owner = new OwnerRule { Opener = true },
            Level = i < 16 ? Level.Public : Level.Internal,
            SharingClass = SharingClass.Unconditional,
            OpenClass = OpenClass.NotOpen,

            // Two of the reader's columns are masked.
            DefaultMask = i is 9 ? new Mask { Kind = MaskKind.ShowLastN, Parameter = 4 } : i is 19 ? new Mask { Kind = MaskKind.TruncateGeo, Parameter = 500 } : null,
        }));
        return resource;
    }

    private async Task<ExchangeClient> RegisterAsync(HubProcess hub, ExchangeClient operatorClient, string department, CancellationToken cancellationToken)
    {
        var made = new Department { Name = $"departments/{department}", DisplayName = department, DisplayNameZh = department, Level = AdministrativeLevel.City };
        made.SourceSystems.Add(department);
        await operatorClient.Departments.CreateAsync(made, cancellationToken);
        var key = ClientKey.Create();
        var registration = new Client { DisplayName = department, Authentication = ClientAuthentication.PrivateKeyJwt, Jwks = key.ToJwks(), Role = Role.DepartmentSystem };
        await operatorClient.Identity.CreateAsync($"departments/{department}", department, registration, cancellationToken);
        return Connect(hub, ClientCredential.PrivateKey(department, key));
    }

    private ExchangeClient Connect(HubProcess hub, ClientCredential credential)
    {
        var client = new ExchangeClient(new ExchangeClientOptions { Address = address, Credential = credential, TokenEndpoint = new Uri(hub.HttpAddress, "/connect/token") });
        clients.Add(client);
        return client;
    }
}
