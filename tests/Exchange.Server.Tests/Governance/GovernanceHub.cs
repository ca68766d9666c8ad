using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Governance;

/// <summary>A running hub with a hotline and a road office, their stewards and machines, for the tests of the governance services.</summary>
public sealed class GovernanceHub : IAsyncLifetime
{
    internal TestHub It { get; private set; } = null!;

    internal TestClient HotlineSteward { get; private set; } = null!;

    internal TestClient RoadSteward { get; private set; } = null!;

    internal TestClient Hotline { get; private set; } = null!;

    internal TestClient Roads { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        It = await TestHub.StartAsync("governance_services");
        HotlineSteward = await It.RegisterAsync("hotline", "hotline-steward", Role.Steward);
        RoadSteward = await It.RegisterAsync("roads", "road-steward", Role.Steward);
        Hotline = await It.RegisterAsync("hotline");
        Roads = await It.RegisterAsync("roads");
        await CatalogOf(It.Operator).PublishCodeListAsync(new PublishCodeListRequest
        {
            CodeList = new CodeList { Name = "codeLists/status", Codes = { new Code { Code_ = "open" }, new Code { Code_ = "closed" } } },
        });
    }

    public ValueTask DisposeAsync() => It.DisposeAsync();

    internal static DepartmentsService.DepartmentsServiceClient DepartmentsOf(TestClient client) => new(client.Invoker);

    internal static CatalogService.CatalogServiceClient CatalogOf(TestClient client) => new(client.Invoker);

    internal static ResourceDraftsService.ResourceDraftsServiceClient DraftsOf(TestClient client) => new(client.Invoker);

    internal static AccessService.AccessServiceClient AccessOf(TestClient client) => new(client.Invoker);

    internal static IdentityService.IdentityServiceClient IdentityOf(TestClient client) => new(client.Invoker);

    internal static Field Field(string name, int number, FieldType type = FieldType.Text, SharingClass sharing = SharingClass.Unconditional) => new()
    {
        Name = name,
        Number = number,
        Type = type,
        Owner = new OwnerRule { Opener = true },
        Level = Level.Public,
        SharingClass = sharing,
        OpenClass = OpenClass.NotOpen,
        Basis = sharing is SharingClass.NotShared ? Because : null,
        OpenBasis = Because,
    };

    internal static Basis Because => new() { Kind = BasisKind.Law, Text = "Invented Act, section 1" };

    internal static Resource Resource(string id, params Field[] fields) => new()
    {
        Name = $"resources/{id}",
        DisplayName = $"Complaints of {id}",
        Abstract = "What citizens ask",
        Department = "departments/hotline",
        Fields = { fields },
    };

    internal Task<Resource> PublishAsync(Resource resource, TestClient? by = null) =>
        CatalogOf(by ?? It.Operator).PublishResourceAsync(new PublishResourceRequest { Resource = resource }).ResponseAsync;
}
