using Exchange.Protos.V1;
using Grpc.Core;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

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
        await PublishAgreementAsync(HotlineSteward, "hotline");
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

    internal static AgreementsService.AgreementsServiceClient AgreementsOf(TestClient client) => new(client.Invoker);

    internal static AccessRequestsService.AccessRequestsServiceClient RequestsOf(TestClient client) => new(client.Invoker);

    internal static InboxService.InboxServiceClient InboxOf(TestClient client) => new(client.Invoker);

    internal static SettingsService.SettingsServiceClient SettingsOf(TestClient client) => new(client.Invoker);

    /// <summary>Publishes a department's agreement `reading`, that grants of the tests are bound to.</summary>
    internal static async Task<Agreement> PublishAgreementAsync(TestClient by, string department) => await AgreementsOf(by).PublishAgreementAsync(new PublishAgreementRequest
    {
        Agreement = new Agreement
        {
            Name = $"departments/{department}/agreements/reading",
            Title = "On reading 阅读协议",
            Text = "For its purpose alone.",
            Terms = { new AgreementTerm { Kind = TermKind.Obligation, Party = TermParty.Reader, Duty = TermDuty.NoOnwardSharing } },
        },
    });

    /// <summary>A department's request for fields of another's records, for regulation and two hundred days.</summary>
    internal static AccessRequest RequestOf(string requester, string resource, string owner, params string[] fields) => new()
    {
        Name = $"accessRequests/{Guid.NewGuid()}",
        Requester = $"departments/{requester}",
        Resource = $"resources/{resource}",
        Fields = { fields },
        Owners = { $"departments/{owner}" },
        Basis = Because,
        Purpose = Purpose.Regulation,
        Scene = "Lamps that fail together at crossings",
        Mode = PlatformMode.Api,
        ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(200)),
    };

    /// <summary>The next response of an inbox that has notices.</summary>
    internal static async Task<FollowInboxResponse> NextNoticesAsync(AsyncServerStreamingCall<FollowInboxResponse> call)
    {
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
        {
            if (call.ResponseStream.Current.Notices.Count > 0)
            {
                return call.ResponseStream.Current;
            }
        }

        throw new InvalidOperationException("the stream ended");
    }

    /// <summary>Accepts an offered grant in the version it is bound to.</summary>
    internal static async Task<Grant> AcceptAsync(TestClient by, Grant grant) =>
        await AccessOf(by).AcceptGrantAsync(new AcceptGrantRequest { Name = grant.Name, AgreementVersion = grant.AgreementVersion });

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
