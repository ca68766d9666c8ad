using System.Collections.Immutable;
using System.Reflection;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Policy.Language;
using Exchange.Policy.Masks;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Governance;
using AccessRequestStep = Exchange.Catalog.AccessRequestStep;
using GrantStep = Exchange.Catalog.GrantStep;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Exchange.Server.Tests.Governance;

public class GovernanceEventMapTests
{
    private static readonly DateTimeOffset Time = new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero).AddMicroseconds(7);
    private static readonly DepartmentId Hotline = new("hotline");
    private static readonly ResourceId Complaint = new("complaint");

    private static readonly ClientRegistration Client = new()
    {
        Id = new("hotline-push"),
        Department = Hotline,
        DisplayName = "Pushes",
        Authentication = ClientAuthentication.ClientSecret,
        SecretHash = "pbkdf2-sha256$210000$c2FsdA$aGFzaA",
        Role = Role.DepartmentSystem,
        CreateTime = Time,
    };

    private static readonly RegisteredKey Key = new()
    {
        Id = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
        PublicKey = new("of-march", PublicKeySet.Es256) { X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" },
        CreateTime = Time,
        ExpireTime = Time.AddDays(90),
    };

    private static readonly User User = new()
    {
        Id = new("wang-li"),
        Department = Hotline,
        DisplayName = "Catalog desk 目录岗",
        Role = Role.Steward,
        EnrolmentCodeHash = "aGFzaA",
        EnrolmentExpireTime = Time.AddDays(1),
        CreateTime = Time,
    };

    private static readonly Grant Grant = new()
    {
        Id = new("0b3f4a52-6c1d-4a6f-8d0e-0c7b5f1f2a01"),
        Owner = Hotline,
        Reader = new("roads"),
        Resource = Complaint,
        Fields = ["content", "place"],
        Purposes = [Purpose.Analysis, Purpose.Other],
        RowFilter = "district = \"east\"",
        Mask = new Mask(MaskKind.Null),
        ExpireTime = Time.AddYears(1),
        CreateTime = Time,
    };

    private static readonly Grant Offered = Grant with
    {
        StartTime = Time.AddDays(1),
        Agreement = new AgreementId(Hotline, "reading"),
        AgreementVersion = 2,
        Quota = new(1_000, 20),
        RenewalPeriod = RenewalPeriod.Quarter,
        Request = new AccessRequestId("3f0c2c1e-5a0b-4c1e-9d7e-2b8a4c6d1e0f"),
        Issuer = new ClientId("users/wang-li"),
    };

    private static readonly Agreement Agreement = new()
    {
        Id = new(Hotline, "reading"),
        Version = 2,
        Title = "On reading 阅读协议",
        Text = "For its purpose alone.\nIt hands nothing on.",
        Terms = [new(TermKind.Obligation, TermParty.Reader, TermDuty.Evidence, 20, "of deletion"), new(TermKind.Right, TermParty.Owner, TermDuty.NoOnwardSharing, 0, "")],
        PublishTime = Time,
    };

    private static readonly AccessRequest AccessRequest = new()
    {
        Id = new("3f0c2c1e-5a0b-4c1e-9d7e-2b8a4c6d1e0f"),
        Requester = new("roads"),
        Resource = Complaint,
        Fields = ["content", "place"],
        Owners = [Hotline, new("forum")],
        Basis = new(BasisKind.Law, "Invented Act, section 1"),
        Purpose = Purpose.Regulation,
        Scene = "Lamps that fail together\n路灯",
        RowFilter = "district = \"east\"",
        Mode = PlatformMode.Feed,
        StartTime = Time.AddDays(1),
        ExpireTime = Time.AddYears(1),
        Quota = new(1_000, 20),
        State = AccessRequestState.OwnerReview,
        Parts =
        [
            new()
            {
                Owner = Hotline, Fields = ["content", "place"], State = AccessRequestState.Approved, Clock = new(Time.AddDays(30), DueState.Near), Reason = "not the place",
                Question = "which lamps", Answer = "all", ApprovedFields = ["content"], Grant = Grant.Id, Decider = Client.Id,
            },
            new() { Owner = new("forum"), Fields = ["place"], State = AccessRequestState.HandedOver, HandedOverTo = new("follow-up"), Reason = "theirs", Decider = Client.Id },
        ],
        Author = Client.Id,
        CreateTime = Time,
        SubmitTime = Time.AddHours(1),
        Clock = new(Time.AddDays(2), DueState.Overdue),
        RejectReason = "no",
        Revision = 7,
    };

    private static readonly PolicyRow Row = new()
    {
        Id = new("roads-at-night"),
        Department = Hotline,
        Subject = "departments/roads",
        Object = "resources/complaint/fields/phone",
        Actions = [PolicyAction.Read, PolicyAction.Follow],
        Condition = "r.context.time >= \"22:00\"",
        RowFilter = "district = caller.department",
        Mask = new Mask(MaskKind.ShowLastN, 4),
        Effect = RuleEffect.Allow,
        Reason = "the night shift calls back 夜班",
        CreateTime = Time,
    };

    private static readonly Department Department = new()
    {
        Id = Hotline,
        DisplayName = "Hotline",
        DisplayNameZh = "热线",
        Level = AdministrativeLevel.City,
        Parent = new DepartmentId("city"),
        SourceSystems = [new("tickets"), new("sms")],
        CreditCode = "91350100M000100Y43",
        Attributes = ImmutableSortedDictionary<string, string>.Empty.Add("district", "东城区").Add("zone_2", "x"),
        CreateTime = Time,
    };

    public static TheoryData<string> EventTypes =>
        [.. typeof(GovernanceEvent).GetNestedTypes(BindingFlags.Public).Where(type => type.IsSubclassOf(typeof(GovernanceEvent))).Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(EventTypes))]
    public void Every_event_comes_back_from_the_log_as_it_went_in(string type)
    {
        var (before, happened) = Example(type);

        var (name, payload) = GovernanceEventMap.ToStored(happened, before);
        var restored = GovernanceEventMap.FromStored(name, payload);

        Assert.Matches("^[a-z]+(-[a-z]+)+$", name);
        var expected = before.Apply(happened, before.Position + 1);
        Assert.Equivalent(expected, before.Apply(restored, before.Position + 1), strict: true);
        if (happened is GovernanceEvent.ProposalsTold)
        {
            // It changes nothing but the inbox, so the state tells little of it.
            Assert.Equal((happened, 1), (restored, expected.Inboxes["hotline"].Count));
            return;
        }

        Assert.NotEqual(Describe(before), Describe(expected));
    }

    [Fact]
    public void A_department_that_was_stored_before_departments_could_change_is_in_its_first_revision()
    {
        var (type, payload) = GovernanceEventMap.ToStored(new GovernanceEvent.DepartmentRegistered(Department), GovernanceState.Empty);
        var stored = Protos.Stored.V1.DepartmentRegistered.Parser.ParseFrom(payload);
        stored.Department.Etag = "";
        stored.Department.Attributes.Clear();

        var restored = Assert.IsType<GovernanceEvent.DepartmentRegistered>(GovernanceEventMap.FromStored(type, stored.ToByteArray())).Department;

        Assert.Equal(("d1", 0), (restored.Etag, restored.Attributes.Count));
    }

    [Theory]
    [InlineData(ClientAuthentication.PrivateKeyJwt)]
    [InlineData(ClientAuthentication.SelfSignedTls)]
    [InlineData(ClientAuthentication.Tls)]
    public void A_client_comes_back_with_what_it_proves_itself_with(ClientAuthentication authentication)
    {
        var certificate = new RegisteredKey { Id = "thumbprint", Certificate = "-----BEGIN CERTIFICATE-----", CreateTime = Time, ExpireTime = Time.AddDays(1) };
        var client = Client with
        {
            Authentication = authentication,
            SecretHash = "",
            Keys = authentication is ClientAuthentication.PrivateKeyJwt ? [Key] : authentication is ClientAuthentication.SelfSignedTls ? [certificate] : [],
            CertificateName = authentication is ClientAuthentication.Tls ? new("CN=hotline", "") : null,
            HasBoundTokens = true,
        };

        var (type, payload) = GovernanceEventMap.ToStored(new GovernanceEvent.ClientRegistered(client), GovernanceState.Empty);

        Assert.Equivalent(client, Assert.IsType<GovernanceEvent.ClientRegistered>(GovernanceEventMap.FromStored(type, payload)).Client, strict: true);
    }

    [Fact]
    public void A_client_of_the_first_logs_has_the_keys_of_its_set()
    {
        var stored = new Protos.Stored.V1.ClientRegistered
        {
            Client = new()
            {
                Name = "departments/hotline/clients/hotline-push",
                Authentication = Protos.V1.ClientAuthentication.PrivateKeyJwt,
                Role = Protos.V1.Role.DepartmentSystem,
                Jwks = $"{{\"keys\":[{Key.PublicKey!.ToJwk()}]}}",
                CreateTime = Timestamp.FromDateTimeOffset(Time),
            },
        };

        var client = Assert.IsType<GovernanceEvent.ClientRegistered>(GovernanceEventMap.FromStored("client-registered", stored.ToByteArray())).Client;

        Assert.Equal([Key with { ExpireTime = null }], client.Keys);
    }

    [Fact]
    public void A_removal_that_was_stored_before_removals_told_the_row_is_read_by_its_name()
    {
        var stored = new PolicyRowRemoved { Name = $"policyRows/{Row.Id}", Reason = "the shift is over", Time = Timestamp.FromDateTimeOffset(Time) };

        Assert.Equal(
            new GovernanceEvent.PolicyRowRemoved(Row.Id, "the shift is over", Time), GovernanceEventMap.FromStored("policy-row-removed", stored.ToByteArray()));
    }

    [Fact]
    public void An_event_of_a_newer_hub_is_not_passed_over() =>
        Assert.Throws<InvalidDataException>(() => GovernanceEventMap.FromStored("policy-published", []));

    private static string Describe(GovernanceState state) => string.Join(
        '|',
        string.Join(' ', state.Departments.Values.Select(department => department.Etag)),
        state.Categories.Count,
        state.CodeLists.Count,
        string.Join(' ', state.CodeLists.Values.SelectMany(list => list.Mappings).Select(mapping => $"{mapping.Source} {mapping.Code}")),
        state.Resources.Count,
        state.RevokedResources.Count,
        string.Join(' ', state.Drafts.Values.Select(draft => $"{draft.State} {draft.Revision}")),
        string.Join(' ', state.Revocations.Values),
        state.SharingLists.Count,
        state.Clients.Count,
        state.Clients.Values.Count(client => client.IsDisabled),
        state.Clients.Values.Sum(client => client.Keys.Length),
        state.Grants.Count,
        state.Grants.Values.Count(grant => grant.RevokeTime is not null),
        string.Join(' ', state.Grants.Values.Select(grant => $"{grant.AcceptTime} {grant.Told} {grant.IsRenewed}")),
        string.Join(' ', state.Agreements.Values.Select(versions => versions.Length)),
        string.Join(' ', state.AccessRequests.Values.Select(request => request.Etag)),
        state.Settings.Etag,
        state.PolicyRows.Count,
        string.Join(' ', state.PendingChanges.Values.Select(change => $"{change.Id} {change.Department} {change.Author} {change.Time} {string.Join(',', change.Fields)} {string.Join(',', change.Events.Select(e => e.GetType().Name))}")),
        state.SigningKeys.Keys.Length,
        string.Join(' ', state.Users.Values.Select(user => $"{user.Id} {user.MaySignIn} {user.Enrolment} {user.IsDisabled}")));

    private static (GovernanceState Before, GovernanceEvent Happened) Example(string type)
    {
        var empty = GovernanceState.Empty;
        return type switch
        {
            nameof(GovernanceEvent.DepartmentRegistered) => (empty, new GovernanceEvent.DepartmentRegistered(Department)),
            nameof(GovernanceEvent.DepartmentChanged) => (
                empty.Apply(new GovernanceEvent.DepartmentRegistered(Department), 1),
                new GovernanceEvent.DepartmentChanged(Department with { DisplayName = "12345", Attributes = Department.Attributes.Remove("zone_2"), Revision = 2 })),
            nameof(GovernanceEvent.CategoriesDefined) => (empty, new GovernanceEvent.CategoriesDefined(
            [
                new() { Code = new("3"), DisplayName = "Roads", DisplayNameZh = "道路" },
                new() { Code = new("3.1"), DisplayName = "Lamps", Parent = new CategoryCode("3") },
            ])),
            nameof(GovernanceEvent.CodeListPublished) => (empty, new GovernanceEvent.CodeListPublished(
                new CodeList(new("status"), 3, [new() { Code = "open", DisplayName = "Open", DisplayNameZh = "办理中" }, new() { Code = "lost", Retired = true }], [new("open", "city-a", "07")]))),
            nameof(GovernanceEvent.ResourcePublished) => (empty, new GovernanceEvent.ResourcePublished(Resource)),
            nameof(GovernanceEvent.ResourceDraftSaved) => (empty, new GovernanceEvent.ResourceDraftSaved(Draft, Client.Id, Time)),
            nameof(GovernanceEvent.ResourceDraftSubmitted) => (Drafted, new GovernanceEvent.ResourceDraftSubmitted(Complaint, User.Id.Client, Time.AddHours(1))),
            nameof(GovernanceEvent.ResourceDraftRejected) => (
                Drafted.Apply(new GovernanceEvent.ResourceDraftSubmitted(Complaint, User.Id.Client, Time.AddHours(1)), 2), new GovernanceEvent.ResourceDraftRejected(Complaint, "no contact")),
            nameof(GovernanceEvent.ResourceDraftEnded) => (Drafted, new GovernanceEvent.ResourceDraftEnded(Complaint, IsApproved: true)),
            nameof(GovernanceEvent.ResourceRevocationRequested) => (
                Published, new GovernanceEvent.ResourceRevocationRequested(Complaint, "its duty moved", User.Id.Client, Time)),
            nameof(GovernanceEvent.ResourceRevocationRejected) => (
                Published.Apply(new GovernanceEvent.ResourceRevocationRequested(Complaint, "its duty moved", User.Id.Client, Time), 2),
                new GovernanceEvent.ResourceRevocationRejected(Complaint, "it did not")),
            nameof(GovernanceEvent.ResourceRevoked) => (Published, new GovernanceEvent.ResourceRevoked(Complaint, Time)),
            nameof(GovernanceEvent.SharingListChanged) => (
                empty.Apply(new GovernanceEvent.ResourcePublished(Resource), 1),
                new GovernanceEvent.SharingListChanged(new SharingList
                {
                    Department = Hotline,
                    Resource = Complaint,
                    Revision = 12,
                    Entries =
                    [
                        new()
                        {
                            FieldNumber = 2,
                            Level = Level.Sensitive,
                            SharingClass = SharingClass.Conditional,
                            Terms = new() { Condition = "for handling", Basis = new(BasisKind.Law, "Act 1"), OpenCondition = "without names", OpenBasis = new(BasisKind.Other, "a reason") },
                            SharingMode = SharingMode.Platform,
                            OpenClass = OpenClass.Conditional,
                            UpdateCycle = UpdateCycle.Daily,
                            Mask = new Mask(MaskKind.ShowLastN, 4),
                        },
                    ],
                })),
            nameof(GovernanceEvent.ClientRegistered) => (empty, new GovernanceEvent.ClientRegistered(Client)),
            nameof(GovernanceEvent.ClientDisabled) => (
                empty.Apply(new GovernanceEvent.ClientRegistered(Client), 1), new GovernanceEvent.ClientDisabled(Client.Id, Time)),
            nameof(GovernanceEvent.ClientKeyAdded) => (
                empty.Apply(new GovernanceEvent.ClientRegistered(Client), 1), new GovernanceEvent.ClientKeyAdded(Client.Id, Key)),
            nameof(GovernanceEvent.ClientKeyRemoved) => (
                empty.Apply(new GovernanceEvent.ClientRegistered(Client with { Authentication = ClientAuthentication.PrivateKeyJwt, SecretHash = "", Keys = [Key] }), 1),
                new GovernanceEvent.ClientKeyRemoved(Client.Id, Key.Id, Time)),
            nameof(GovernanceEvent.SigningKeyAdded) => (empty, new GovernanceEvent.SigningKeyAdded(new()
            {
                Id = "thumbprint",
                PublicJwk = """{"kty":"EC"}""",
                SealedPrivateKey = new byte[] { 1, 2, 3 },
                CreateTime = Time,
                SignTime = Time.AddMinutes(10),
                EndsOlder = true,
            })),
            nameof(GovernanceEvent.UserCreated) => (empty, new GovernanceEvent.UserCreated(User)),
            nameof(GovernanceEvent.UserEnrolled) => (
                empty.Apply(new GovernanceEvent.UserCreated(User), 1), new GovernanceEvent.UserEnrolled(User.Id, "AQAAAAIAAYag", "c2VhbGVk", Time)),
            nameof(GovernanceEvent.UserEnrolmentReset) => (
                empty.Apply(new GovernanceEvent.UserCreated(User), 1), new GovernanceEvent.UserEnrolmentReset(User.Id, "bmV3ZXI", Time.AddDays(1), Time)),
            nameof(GovernanceEvent.UserDisabled) => (
                empty.Apply(new GovernanceEvent.UserCreated(User), 1), new GovernanceEvent.UserDisabled(User.Id, Time)),
            nameof(GovernanceEvent.AgreementPublished) => (empty, new GovernanceEvent.AgreementPublished(Agreement)),
            nameof(GovernanceEvent.HubSettingsChanged) => (empty, new GovernanceEvent.HubSettingsChanged(new()
            {
                SharingAuthority = new("data-bureau"),
                SupervisionOffice = new("supervision"),
                Calendar = new() { TimeZone = "Europe/Berlin", Holidays = [new(2026, 10, 1), new(2026, 10, 2)], WorkingWeekendDays = [new(2026, 10, 10)] },
                Limits = new(1, 2, 3, 4, 5, 6, 7),
                Revision = 3,
            })),
            nameof(GovernanceEvent.ProposalsTold) => (empty, new GovernanceEvent.ProposalsTold(Exchange.Catalog.Records.ProposalState.Lapsed, Hotline, new("complaint"), 7, Time)),
            nameof(GovernanceEvent.AccessRequestMoved) => (
                empty.Apply(new GovernanceEvent.GrantIssued(Grant), 1),
                new GovernanceEvent.AccessRequestMoved(AccessRequest, AccessRequestStep.Approved, Hotline, Hotline, "not the place", Time)),
            nameof(GovernanceEvent.GrantMoved) => (
                empty.Apply(new GovernanceEvent.GrantIssued(Offered), 1),
                new GovernanceEvent.GrantMoved(
                    Offered with { Acceptor = new("roads-desk"), AcceptTime = Time.AddHours(1), RenewalRequestTime = Time.AddHours(2), IsRenewed = true, Told = GrantStep.Renewable },
                    GrantStep.RenewalRequested, "", Time.AddHours(2))),
            nameof(GovernanceEvent.GrantIssued) => (empty, new GovernanceEvent.GrantIssued(Grant)),
            nameof(GovernanceEvent.GrantRevoked) => (
                empty.Apply(new GovernanceEvent.GrantIssued(Grant), 1), new GovernanceEvent.GrantRevoked(Grant.Id, "a test", Time)),
            nameof(GovernanceEvent.ChangeProposed) => (empty, new GovernanceEvent.ChangeProposed(Change)),
            nameof(GovernanceEvent.ChangeReviewed) => (
                empty.Apply(new GovernanceEvent.ChangeProposed(Change), 1),
                new GovernanceEvent.ChangeReviewed(Change.Id, Change.Department, new("users/second"), false, "not now", Time)),
            nameof(GovernanceEvent.PolicyRowSet) => (empty, new GovernanceEvent.PolicyRowSet(Row)),
            nameof(GovernanceEvent.PolicyRowRemoved) => (
                empty.Apply(new GovernanceEvent.PolicyRowSet(Row), 1), new GovernanceEvent.PolicyRowRemoved(Row.Id, "the shift is over", Time)),
            _ => throw new InvalidOperationException($"write an example of {type}"),
        };
    }

    private static PendingChange Change => new()
    {
        Id = new("0197a000-0000-7000-8000-000000000001"),
        Department = Hotline,
        Author = new("hotline-desk"),
        Time = Time,
        Fields = [(Complaint, "content"), (Complaint, "phone")],
        Events = [new GovernanceEvent.GrantIssued(Grant), new GovernanceEvent.PolicyRowSet(Row)],
    };

    private static ResourceDescription Description => new()
    {
        Code = new("301001/4"),
        Format = ResourceFormat.Database,
        SharingMode = SharingMode.Platform,
        PlatformModes = [PlatformMode.Api, PlatformMode.Feed],
        RelatedCodes = [new("301001/1"), new("301001/2")],
        SourceSystem = "ticket system",
        Coverage = "全市",
        Contact = "data desk",
    };

    private static ResourceDraft Draft => new()
    {
        Id = Complaint,
        DisplayName = "Complaints",
        DisplayNameZh = "诉求",
        Abstract = "What citizens ask",
        Department = Hotline,
        Category = new CategoryCode("301001"),
        UpdateCycle = UpdateCycle.Daily,
        Fields = [Field("title", 1, FieldType.Text, new OwnerRule.Opener())],
        Description = Description,
        Etag = "r3",
    };

    private static GovernanceState Drafted => GovernanceState.Empty.Apply(new GovernanceEvent.ResourceDraftSaved(Draft, Client.Id, Time), 1);

    private static GovernanceState Published => GovernanceState.Empty.Apply(new GovernanceEvent.ResourcePublished(Resource), 1);

    private static ResourceDefinition Resource => new(
        Complaint,
        4,
        [
            Field("title", 1, FieldType.Text, new OwnerRule.Opener()) with { MaxLength = 20, Searchable = true, Required = true, QualityRules = QualityRules },
            Field("phone", 2, FieldType.Text, new OwnerRule.Department(Hotline)) with { Role = FieldRole.Person, Mask = new Mask(MaskKind.ShowLastN, 4), MaxLength = 40, Indexed = true },
            Field("status", 7, FieldType.Code, new OwnerRule.DepartmentField("title")) with { CodeList = new CodeListId("status"), Retired = true },
        ])
    {
        DisplayName = "Complaints",
        DisplayNameZh = "诉求",
        Abstract = "What citizens ask",
        Department = Hotline,
        Category = new CategoryCode("3.1"),
        UpdateCycle = UpdateCycle.Realtime,
        Description = Description,
        PublishTime = Time,
    };

    private static ValueList<QualityRule> QualityRules =>
    [
        new QualityRule.Required(), new QualityRule.Range("1", ""), new QualityRule.Pattern("[a-z]+"), new QualityRule.Reference(new("status")),
        new QualityRule.Timeliness("due", 24, 0), new QualityRule.Timeliness("", 0, 5), new QualityRule.Unspecified(),
    ];

    private static FieldDefinition Field(string name, int number, FieldType type, OwnerRule owner) => new()
    {
        Name = name,
        Number = number,
        Type = type,
        DisplayName = name.ToUpperInvariant(),
        DisplayNameZh = "字段",
        Owner = owner,
        Level = Level.Internal,
        SharingClass = SharingClass.Conditional,
        OpenClass = OpenClass.NotOpen,
        Terms = new() { Condition = "for handling", OpenBasis = new(BasisKind.Sensitive, "may tell about persons") },
    };
}
