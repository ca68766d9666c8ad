using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Exchange.Server.Tests.Identity.Users;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using static Exchange.Server.Tests.Governance.GovernanceHub;

namespace Exchange.Server.Tests.Matrix;

/// <summary>
/// A running hub with a small city: `owner` keeps a resource and its records, `reader` has a grant and an access request, `stranger` has nothing to do with
/// either, `authority` checks requests, `supervision` is told of what is overdue.
/// </summary>
public sealed class MatrixCity : IAsyncLifetime
{
    /// <summary>How many callers there are.</summary>
    public const int CallerCount = 10;

    /// <summary>An access request of the reader to the owner, in conformity check.</summary>
    public const string Waiting = "accessRequests/5a000000-0000-4000-8000-000000000001";

    /// <summary>One that waits for the owner.</summary>
    public const string InReview = "accessRequests/5a000000-0000-4000-8000-000000000002";

    /// <summary>One that does not exist.</summary>
    public const string NoRequest = "accessRequests/5a000000-0000-4000-8000-000000000009";

    private const string AbsentRecord = "5a000000-0000-5000-8000-000000000009";

    private string recordId = "";
    private string readRecordId = "";
    private string grantName = "";
    private string absentGrantName = "";
    private TestHub hub = null!;
    private TestClient owner = null!;
    private int made;

    /// <summary>The members of the hub, in the order of a row's codes: operator, auditor; stewards; systems.</summary>
    internal IReadOnlyList<(string Name, CallInvoker Invoker)> Callers { get; private set; } = [];

    /// <summary>People, each with the caller whose role and department it shares.</summary>
    internal IReadOnlyList<(string Name, CallInvoker Invoker)> People { get; private set; } = [];

    internal CallInvoker Anonymous => hub.Anonymous.CreateCallInvoker();

    internal CallInvoker Disabled { get; private set; } = null!;

    internal string Record => $"resources/matrix/records/{recordId}";

    internal static string NoRecord => $"resources/matrix/records/{AbsentRecord}";

    /// <summary>Of the reader to the owner, open; about a record that the reader may read.</summary>
    internal string Proposal => $"resources/matrix/records/{readRecordId}/proposals/2";

    /// <summary>Another, which the reader took back.</summary>
    internal string WithdrawnProposal => $"resources/matrix/records/{readRecordId}/proposals/3";

    /// <summary>One that nobody made, but for its record named like this.</summary>
    internal string NoProposalLike(string proposal) => proposal.Replace(readRecordId, AbsentRecord, StringComparison.Ordinal);

    /// <summary>From the owner to the reader, accepted.</summary>
    internal string Grant => grantName;

    /// <summary>Another like it, that is revoked.</summary>
    internal string RevokedGrant { get; private set; } = "";

    /// <summary>A grant that the owner never gave.</summary>
    internal string NoGrant => absentGrantName;

    /// <summary>A key of the client `owner-spare`.</summary>
    internal RegisteredKey SpareKey { get; private set; } = null!;

    /// <summary>An id that nothing has yet.</summary>
    internal string Fresh() => $"made-{++made}";

    /// <summary>The bytes of an answer about a hidden thing as they must be for the absent one.</summary>
    internal string AsAbsent(string bytes) => bytes
        .Replace("matrix_hidden", "matrix_absent", StringComparison.Ordinal)
        .Replace(Waiting["accessRequests/".Length..], NoRequest["accessRequests/".Length..], StringComparison.Ordinal)
        .Replace(InReview["accessRequests/".Length..], NoRequest["accessRequests/".Length..], StringComparison.Ordinal)
        .Replace(grantName.Split('/')[^1], absentGrantName.Split('/')[^1], StringComparison.Ordinal)
        .Replace(readRecordId, AbsentRecord, StringComparison.Ordinal)
        .Replace(recordId, AbsentRecord, StringComparison.Ordinal);

    public async ValueTask InitializeAsync()
    {
        hub = await TestHub.StartAsync("rpc_matrix");
        var auditor = await hub.RegisterAsync("audit-office", "auditor", Role.Auditor);
        var stewards = new List<TestClient>();
        foreach (var department in new[] { "owner", "reader", "stranger", "authority", "supervision" })
        {
            stewards.Add(await hub.RegisterAsync(department, department + "-steward", Role.Steward));
        }

        owner = stewards[0];
        var systems = new List<TestClient>();
        foreach (var department in new[] { "owner", "reader", "stranger" })
        {
            systems.Add(await hub.RegisterAsync(department));
        }

        Callers =
        [
            ("operator", hub.Operator.Invoker), ("auditor", auditor.Invoker),
            .. stewards.Select(client => ($"steward of {client.Department}", client.Invoker)),
            .. systems.Select(client => ($"system of {client.Department}", client.Invoker)),
        ];
        People =
        [
            ("operator", await PersonAsync(hub.Options.OperatorDepartment.Value, Role.Operator)),
            ("auditor", await PersonAsync("audit-office", Role.Auditor)),
            ("steward of owner", await PersonAsync("owner", Role.Steward)),
            ("steward of stranger", await PersonAsync("stranger", Role.Steward)),
        ];
        var spare = await hub.RegisterAsync("owner", "owner-spare");
        var jwks = System.Text.Json.JsonDocument.Parse(TestClient.ToJwks(spare.Key));
        SpareKey = new RegisteredKey { Jwk = jwks.RootElement.GetProperty("keys")[0].GetRawText() };
        var disabled = await hub.RegisterAsync("owner", "owner-disabled", Role.Steward);
        Disabled = disabled.Invoker;
        await hub.DisableAsync(disabled);
        await IdentityOf(hub.Operator).CreateUserAsync(new CreateUserRequest { Parent = "departments/owner", UserId = "owner-user", User = new User { Role = Role.Steward, DisplayName = "An office" } });

        await CatalogOf(hub.Operator).PublishCodeListAsync(new PublishCodeListRequest { CodeList = List });
        await CatalogOf(hub.Operator).PublishResourceAsync(new PublishResourceRequest { Resource = Published });
        await DraftsOf(owner).SaveResourceDraftAsync(new SaveResourceDraftRequest { Resource = ResourceOf("matrix_hidden") });
        await PublishAgreementAsync(owner, "owner");
        recordId = await PushAsync(systems[0], new PushedRecord { SourceId = "1" }, "a pipe leaks");
        readRecordId = await PushAsync(systems[0], new PushedRecord { SourceId = "2" }, "another");
        await GiveGrantsAsync(stewards[1]);
        await ProposeAsync(systems[1]);
        await AskAsync(stewards[1], stewards[3]);
    }

    public ValueTask DisposeAsync() => hub.DisposeAsync();

    internal static CodeList List => new() { Name = "codeLists/matrix", Codes = { new Code { Code_ = "open" } } };

    internal static Resource Published => ResourceOf("matrix");

    internal static Resource ResourceOf(string id, string department = "owner")
    {
        var resource = Resource(id, Field("content", 1, sharing: SharingClass.Conditional));
        resource.Department = $"departments/{department}";
        return resource;
    }

    /// <summary>What the owner may give the reader.</summary>
    internal static Grant Offer => new()
    {
        Reader = "departments/reader",
        Resource = "resources/matrix",
        Fields = { "content" },
        Purposes = { Purpose.Analysis },
        RowFilter = "content = \"another\"",
        Agreement = "departments/owner/agreements/reading",
        ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(30)),
    };

    /// <summary>What a department may ask the owner for.</summary>
    internal static AccessRequest Wish(string name, string requester = "reader") => new()
    {
        Name = name,
        Requester = $"departments/{requester}",
        Resource = "resources/matrix",
        Fields = { "content" },
        Owners = { "departments/owner" },
        Basis = Because,
        Purpose = Purpose.Analysis,
        Scene = "a test",
        Mode = PlatformMode.Api,
        ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(30)),
    };

    private async Task<CallInvoker> PersonAsync(string department, Role role) => await (await TestUser.EnrolledAsync(hub, department, $"a-person-of-{department}", role)).CallsAsync();

    private static async Task<string> PushAsync(TestClient by, PushedRecord record, string content, UnownedFields unowned = UnownedFields.Reject)
    {
        record.Values.Add(new Protos.V1.Value { Text = content });
        var receipt = await new RecordsService.RecordsServiceClient(by.Invoker).PushBatchAsync(new PushBatchRequest
        {
            Header = new PushHeader
            {
                Resource = "resources/matrix", SourceSystem = by.Department.Value, PushId = $"set-up {content}", Fields = { "content" }, UnownedFields = unowned, Purpose = Purpose.Analysis,
            },
            Batch = new PushedBatch { Sequence = 1, Records = { record } },
        });
        return receipt.Results[0].RecordId;
    }

    private async Task ProposeAsync(TestClient reader)
    {
        await PushAsync(reader, new PushedRecord { RecordId = readRecordId }, "a better one", UnownedFields.Propose);
        await PushAsync(reader, new PushedRecord { RecordId = readRecordId }, "a worse one", UnownedFields.Propose);
        await new ProposalsService.ProposalsServiceClient(reader.Invoker).WithdrawProposalAsync(new WithdrawProposalRequest { Name = WithdrawnProposal });
    }

    private async Task GiveGrantsAsync(TestClient reader)
    {
        var request = new CreateGrantRequest { Parent = "departments/owner", Grant = Offer };
        var grant = await AccessOf(owner).CreateGrantAsync(request);
        await AcceptAsync(reader, grant);
        grantName = grant.Name;
        absentGrantName = "departments/owner/grants/" + Guid.NewGuid().ToString()[..grant.Name.Split('/')[^1].Length];
        RevokedGrant = (await AccessOf(owner).CreateGrantAsync(request)).Name;
        await AccessOf(owner).RevokeGrantAsync(new RevokeGrantRequest { Name = RevokedGrant, Reason = "a test" });
    }

    private async Task AskAsync(TestClient reader, TestClient authority)
    {
        await SettingsOf(hub.Operator).UpdateHubSettingsAsync(new UpdateHubSettingsRequest { Settings = SettingsOfHub });
        foreach (var name in new[] { Waiting, InReview })
        {
            await RequestsOf(reader).SaveAccessRequestAsync(new SaveAccessRequestRequest { Request = Wish(name) });
            await RequestsOf(reader).SubmitAccessRequestAsync(new SubmitAccessRequestRequest { Name = name });
        }

        var read = await RequestsOf(authority).GetAccessRequestAsync(new GetAccessRequestRequest { Name = InReview });
        await RequestsOf(authority).CheckAccessRequestAsync(new CheckAccessRequestRequest { Name = InReview, Etag = read.Etag, Verdict = ReviewVerdict.Approve });
    }

    internal static HubSettings SettingsOfHub => new()
    {
        SharingAuthority = "departments/authority",
        SupervisionOffice = "departments/supervision",
        TimeZone = "Asia/Shanghai",
        Limits = new WorkingDayLimits(),
    };
}
