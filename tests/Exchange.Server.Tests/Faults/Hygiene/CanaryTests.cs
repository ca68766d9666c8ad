using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Exchange.EventStore.Embedded;
using Exchange.Protos.V1;
using Exchange.Server.Identity;
using Exchange.Server.Tests.Faults.Messages;
using Exchange.Server.Tests.Grpc;
using Exchange.Server.Tests.Identity.Users;
using Exchange.Server.Tests.Records;
using Exchange.Testing;
using Grpc.Core;
using static Exchange.Server.Tests.Governance.GovernanceHub;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace Exchange.Server.Tests.Faults.Hygiene;

/// <summary>
/// Reliability E6: recognisable people and secrets go through every kind of call, failed ones too, and are looked for afterwards wherever they must not be. The
/// same search finds a line that shows them on purpose.
/// </summary>
public sealed class CanaryTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly List<Canary> canaries =
    [
        Canary.Person("name", "欧阳金丝雀小凤"), Canary.Person("phone", "13877654321"), Canary.Person("address", "翠鸟巷 77 弄 404 室"),
        Canary.Secret("text of a fault", EdgeTestService.Secret), Canary.Secret("connection password", "zqpw-Zaunkoenig-2209"),
    ];

    // What the hub answered to those who may not see a person's values or anybody's secret.
    private readonly List<string> answers = [];

    // Those of them that say no.
    private readonly List<string> refusals = [];

    [Fact]
    public async Task A_whole_run_leaves_no_personal_value_and_no_secret_where_it_does_not_belong()
    {
        using var telemetry = new Telemetry();
        var postgres = await TestPostgres.StartOwnAsync();
        try
        {
            var connectionString = await postgres.CreateDatabaseAsync("hub", CancellationToken.None);
            var settings = EdgeHub.Settings with { ConnectionString = connectionString + ";Password=zqpw-Zaunkoenig-2209", LogsLibraries = true };
            var city = new CityHub { Settings = settings };
            await city.InitializeAsync();
            try
            {
                await RecordsAsync(city);
                await ClientsAsync(city.Hub);
                await UsersAsync(city.Hub);
                await KeysAsync(city.Hub);
                await EveryCallAsync(city);
                await FaultsAsync(city);
                await LogsAsync(city);
                await AwayAsync(city, postgres);
                await SearchAsync(city.Hub, telemetry, postgres, connectionString);
            }
            finally
            {
                await city.DisposeAsync();
            }
        }
        finally
        {
            await postgres.DisposeAsync();
            TestPostgres.Delete(postgres.DataDirectory);
        }
    }

    [Theory]
    [InlineData("欧阳金丝雀小凤")]
    [InlineData("翠鸟巷 77 弄 404 室")]
    [InlineData("zqpw-Zaunkoenig-2209")]
    public void The_search_finds_what_leaks_in_any_form(string value)
    {
        var canary = Canary.Secret("leaking", value);
        var bytes = Encoding.UTF8.GetBytes(value);

        Assert.All(
            [
                $"a {value} z", Convert.ToHexString(bytes), @"\x0a" + Convert.ToHexStringLower(bytes), Uri.EscapeDataString(value), System.Text.Json.JsonSerializer.Serialize(value),
                .. Enumerable.Range(0, 4).SelectMany(before =>
                {
                    byte[] more = [.. RandomNumberGenerator.GetBytes(before), .. bytes, .. RandomNumberGenerator.GetBytes(7)];
                    return new[] { Convert.ToBase64String(more), System.Buffers.Text.Base64Url.EncodeToString(more) };
                }),
            ],
            text => Assert.True(canary.IsIn(text), text));
        Assert.False(canary.IsIn(value[..^1] + Convert.ToHexString(bytes[..^1])));
    }

    private async Task RecordsAsync(CityHub city)
    {
        var person = $"{Text("name")}, {Text("address")}";
        var record = new PushedRecord { SourceId = "c-1", Values = { Value("pipe"), Value(person), Value(Text("phone")) } };
        var receipt = await city.PushAsync(City.Centre, city.Header(City.Centre, "title", "content", "phone"), record);
        Assert.NotEmpty(receipt.Results[0].RecordId);
        var name = $"resources/complaint/records/{receipt.Results[0].RecordId}";
        var own = city.RecordsOf(City.Centre);
        Assert.Contains(Text("phone"), (await own.GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation })).ToString(), StringComparison.Ordinal);
        await AnswerAsync(() => ReadAsync(own.Pull(new PullRequest { Resource = "resources/complaint", Filter = $"phone = \"{Text("phone")}\"", Purpose = Purpose.Regulation })));
        await own.GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = name, Purpose = Purpose.Regulation });

        var (others, feed) = (city.RecordsOf(City.Archive), city.FeedOf(City.Archive));
        await AnswerAsync(async () => (await others.GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation })).ToString());
        await AnswerAsync(async () => (await others.GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = name, Purpose = Purpose.Regulation })).ToString());
        await AnswerAsync(() => ReadAsync(others.Pull(new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation })));
        await AnswerAsync(() => ReadAsync(others.Pull(new PullRequest { Resource = "resources/complaint", Filter = $"content:\"{person}\"", Purpose = Purpose.Regulation })));
        await AnswerAsync(() => ReadAsync(feed.Follow(new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation }), 2));
        await AnswerAsync(() => PushedAsync(city, City.Archive, new PushedRecord { SourceId = "c-2", Values = { Value("x"), Value(person + new string('x', 300_000)), Value(Text("phone") + new string('9', 30)) } }));
        await AnswerAsync(() => PushedAsync(city, City.Centre, new PushedRecord { SourceId = Text("name"), Values = { Value("x"), new Value { Integer = 13_877_654_321 }, Value(person) } }));

        var steward = await city.Hub.RegisterAsync("centre", "centre-steward", Role.Steward);
        var agreement = await PublishAgreementAsync(steward, "centre");
        var grant = await new AccessService.AccessServiceClient(steward.Invoker).CreateGrantAsync(new CreateGrantRequest
        {
            Parent = "departments/centre",
            Grant = new Grant
            {
                Reader = "departments/archive", Resource = "resources/complaint", Fields = { "phone" }, Purposes = { Purpose.Regulation }, Agreement = agreement.Name,
                ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddDays(1)),
            },
        });
        var second = new PendingChangesService.PendingChangesServiceClient((await city.Hub.RegisterAsync("centre", "centre-second", Role.Steward)).Invoker);
        await second.ReviewPendingChangeAsync(new ReviewPendingChangeRequest { Name = grant.PendingChange, Verdict = ReviewVerdict.Approve });
        await AcceptAsync(await city.Hub.RegisterAsync("archive", "archive-steward", Role.Steward), grant);
        await AnswerAsync(async () => (await others.GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation })).ToString());
        var policies = new PolicyService.PolicyServiceClient(steward.Invoker);
        var row = new PolicyRow
        {
            Name = "policyRows/canary", Department = "departments/centre", Subject = "departments/archive", Object = "resources/complaint", Actions = { PolicyAction.Read },
            Effect = PolicyEffect.Deny, Reason = "a test",
        };
        await AnswerAsync(async () => (await policies.ExplainAsync(new ExplainRequest { Department = "departments/archive", Resource = "resources/complaint", Purpose = Purpose.Regulation, Record = name })).ToString());
        await AnswerAsync(async () => (await policies.SimulateAsync(new SimulateRequest { SetRows = { row } })).ToString());
        var set = await policies.SetPolicyRowAsync(new SetPolicyRowRequest { PolicyRow = row });
        await AnswerAsync(async () => (await second.ReviewPendingChangeAsync(new ReviewPendingChangeRequest { Name = set.PendingChange, Verdict = ReviewVerdict.Approve })).ToString());
        await AnswerAsync(async () => (await new AccessService.AccessServiceClient(steward.Invoker).RevokeGrantAsync(new RevokeGrantRequest { Name = grant.Name, Reason = "a test" })).ToString());
    }

    private async Task ClientsAsync(TestHub hub)
    {
        var client = await hub.RegisterAsync("canary");
        Plant("client's private key", client.Key.ExportParameters(includePrivateParameters: true).D!);
        var assertion = client.Assertion();
        canaries.Add(Canary.Secret("client assertion", assertion));
        canaries.Add(Canary.Secret("access token", client.AccessToken));
        await SendAsync(TestClient.RequestAsync(hub, assertion), isOwn: true);
        await SendAsync(TestClient.RequestAsync(hub, assertion));
        await SendAsync(TestClient.RequestAsync(hub, assertion[..^4] + "AAAA"));
        await SendAsync(client.PostTokenAsync(hub, "introspect", client.AccessToken));
        await SendAsync(client.PostTokenAsync(hub, "introspect", hub.Operator.AccessToken));
        var secret = await hub.RegisterSecretAsync("canary", "canary-secret");
        canaries.Add(Canary.Secret("client secret", secret));
        foreach (var (given, isOwn) in new[] { (secret, true), (secret + "x", false) })
        {
            using var body = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", "canary-secret"), new("client_secret", given)]);
            await SendAsync(hub.Http.PostAsync(new Uri("/connect/token", UriKind.Relative), body, CancellationToken.None), isOwn);
            using var basic = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]) };
            basic.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"canary-secret:{given}")));
            await SendAsync(hub.Http.SendAsync(basic, CancellationToken.None), isOwn);
        }

        await SendAsync(hub.Http.GetAsync(new Uri($"/connect/token?client_secret={Uri.EscapeDataString(secret)}", UriKind.Relative), CancellationToken.None));
        await SendAsync(client.PostTokenAsync(hub, "revoke", client.AccessToken));
        var calls = new DepartmentsService.DepartmentsServiceClient(client.Invoker);
        await AnswerAsync(async () => (await calls.ListDepartmentsAsync(new ListDepartmentsRequest())).ToString());
        var cut = new DepartmentsService.DepartmentsServiceClient(TestClient.With(hub, client.AccessToken[..^3]));
        await AnswerAsync(async () => (await cut.ListDepartmentsAsync(new ListDepartmentsRequest())).ToString());
        await hub.DisableAsync(client);
        await SendAsync(TestClient.RequestAsync(hub, client.Assertion()));
    }

    private async Task UsersAsync(TestHub hub)
    {
        const string Password = "kanarienvogel 88 im bergwerk";
        var user = await TestUser.CreateAsync(hub, "canary", "canary-person");
        canaries.Add(Canary.Secret("enrolment code", user.EnrolmentCode));
        canaries.Add(Canary.Secret("password", Password));
        await SendAsync(user.BeginEnrolmentAsync("AAAAA" + user.EnrolmentCode[5..]));
        await user.ReadSecretAsync();
        var totp = user.Secret;
        Plant("second factor's secret", totp);
        canaries.Add(Canary.Secret("second factor's secret as people type it", OtpNet.Base32Encoding.ToString(totp)));
        await SendAsync(user.CompleteEnrolmentAsync("000000", password: Password));
        await SendAsync(user.CompleteEnrolmentAsync(password: Password));
        await SendAsync(user.PostSignInAsync(Password + "x"));
        await user.ForgiveAsync();
        using var signedIn = await user.PostSignInAsync(Password);
        var session = (await TestUser.ReadAsync(signedIn)).GetProperty("session").GetString()!;
        canaries.Add(Canary.Secret("session", session));
        var token = await user.TokenAsync(session);
        canaries.Add(Canary.Secret("user's access token", token!));
        await AnswerAsync(async () => (await new IdentityService.IdentityServiceClient(hub.Operator.Invoker).ListUserSessionsAsync(new ListUserSessionsRequest { Parent = user.Name })).ToString());
        await AnswerAsync(async () => (await new CatalogService.CatalogServiceClient(TestClient.With(hub, token!)).ListResourcesAsync(new ListResourcesRequest())).ToString());
        await SendAsync(user.PostTokenAsync(session + "x"));
        await SendAsync(user.SignOutAsync(session));
        await SendAsync(user.PostTokenAsync(session));
        await user.ResetAsync();
        canaries.Add(Canary.Secret("second enrolment code", user.EnrolmentCode));
        await user.DisableAsync();
    }

    private async Task KeysAsync(TestHub hub)
    {
        var identity = new IdentityService.IdentityServiceClient(hub.Operator.Invoker);
        var client = await hub.RegisterAsync("canary", "canary-keys");
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Plant("client's next private key", next.ExportParameters(includePrivateParameters: true).D!);
        var jwk = Encoding.UTF8.GetString(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
            System.Text.Json.JsonDocument.Parse(TestClient.ToJwks(next)).RootElement.GetProperty("keys")[0]));
        var key = await identity.AddClientKeyAsync(new AddClientKeyRequest { Parent = "departments/canary/clients/canary-keys", Key = new RegisteredKey { Jwk = jwk } });
        await identity.RemoveClientKeyAsync(new RemoveClientKeyRequest { Name = key.Name });

        // Somebody's mistake: a private key where the public one belongs. It is refused, without a word of it.
        var mistaken = jwk.TrimEnd('}') + $",\"d\":\"{System.Buffers.Text.Base64Url.EncodeToString(next.ExportParameters(includePrivateParameters: true).D!)}\"}}";
        await AnswerAsync(async () => (await identity.AddClientKeyAsync(new AddClientKeyRequest { Parent = "departments/canary/clients/canary-keys", Key = new RegisteredKey { Jwk = mistaken } })).ToString());
        await identity.RotateSigningKeyAsync(new RotateSigningKeyRequest());
        await AnswerAsync(async () => (await identity.ListSigningKeysAsync(new ListSigningKeysRequest())).ToString());
        await AnswerAsync(async () => (await identity.ListClientsAsync(new ListClientsRequest { Parent = "departments/canary" })).ToString());
        await SendAsync(hub.Http.GetAsync(new Uri("/.well-known/jwks", UriKind.Relative), CancellationToken.None));
        Plant("signing key's private half", WebKeys.ToECDsa(hub.Services.GetRequiredService<SigningKeys>().Signing.Jwk).ExportParameters(includePrivateParameters: true).D!);
        Plant("hub key", Convert.FromBase64String(await File.ReadAllTextAsync(Path.Combine(hub.Options.DataDirectory, "hub-key"))));
        Plant("operator's private key", hub.Operator.Key.ExportParameters(includePrivateParameters: true).D!);
        Assert.NotEmpty(client.AccessToken);
    }

    // Every method there is: nothing, what cannot be read, and a person in the first field, which is mostly a name.
    private async Task EveryCallAsync(CityHub city)
    {
        var named = Encoding.UTF8.GetBytes(Text("name"));
        byte[][] messages = [[], [0x0a, 0x7f, .. named], [0x0a, (byte)named.Length, .. named]];
        foreach (var method in RawCall.Methods)
        {
            foreach (var message in messages)
            {
                foreach (var invoker in new[] { city.ClientOf(City.Archive).Invoker, city.Hub.Operator.Invoker, city.Hub.Anonymous.CreateCallInvoker() })
                {
                    // What a caller itself sent as a name it may be told.
                    if (await RawCall.SendAsync(invoker, method, message, Patience) is { } refusal && message.Length is 0)
                    {
                        Refuse(Everything(refusal));
                    }
                }
            }
        }
    }

    private async Task FaultsAsync(CityHub city)
    {
        var test = new EdgeTest.EdgeTestClient(city.ClientOf(City.Archive).Invoker);
        foreach (var fault in new[] { "fail", "database", "database stops", "disk", "sql" })
        {
            await AnswerAsync(async () => (await test.UnaryAsync(new EdgeMessage { Text = fault })).ToString());
            await AnswerAsync(() => ReadAsync(test.Down(new EdgeMessage { Text = fault })));
        }

        // The database itself quotes what it refuses.
        await city.ExecuteAsync("ALTER TABLE subject.complaint ALTER COLUMN phone TYPE bigint USING 1");
        await AnswerAsync(() => PushedAsync(city, City.Centre, new PushedRecord { SourceId = "c-9", Values = { Value("pipe"), Value(Text("address")), Value(Text("name")) } }));
        await city.ExecuteAsync("ALTER TABLE subject.complaint ADD CONSTRAINT canary_check CHECK (length(content) < 3) NOT VALID, ALTER COLUMN phone TYPE text USING ''");
        await AnswerAsync(() => PushedAsync(city, City.Centre, new PushedRecord { SourceId = "c-10", Values = { Value("pipe"), Value(Text("address")), Value(Text("phone")) } }));
        await city.ExecuteAsync("ALTER TABLE subject.complaint DROP CONSTRAINT canary_check");
    }

    private async Task LogsAsync(CityHub city)
    {
        var audit = new AuditService.AuditServiceClient(city.Hub.Operator.Invoker);
        var events = 0;
        foreach (var partition in city.Log.Partitions.All)
        {
            var page = await audit.ListEventsAsync(new ListEventsRequest { Partition = partition, PageSize = 500 });
            answers.AddRange(page.Events.Select(logged => logged.ToString()));
            events += page.Events.Count;
        }

        Assert.True(events > 30, $"{events} events");
    }

    private async Task AwayAsync(CityHub city, EmbeddedPostgres postgres)
    {
        await postgres.KillAsync(CancellationToken.None);
        await AnswerAsync(() => PushedAsync(city, City.Centre, new PushedRecord { SourceId = "c-11", Values = { Value("pipe"), Value(Text("name")), Value(Text("phone")) } }));
        await AnswerAsync(() => ReadAsync(city.RecordsOf(City.Centre).Pull(new PullRequest { Resource = "resources/complaint", Filter = $"phone = \"{Text("phone")}\"", Purpose = Purpose.Regulation })));
        await SendAsync(TestClient.RequestAsync(city.Hub, city.ClientOf(City.Archive).Assertion()));
        await postgres.RestartAsync(CancellationToken.None);
    }

    private async Task SearchAsync(TestHub hub, Telemetry telemetry, EmbeddedPostgres postgres, string connectionString)
    {
        var places = new Dictionary<string, IReadOnlyCollection<string>>
        {
            ["the hub's log"] = hub.Log.Lines,
            ["traces and metrics"] = telemetry.Lines,
            ["answers"] = answers,
            ["the database's log"] = await File.ReadAllLinesAsync(postgres.LogFile, CancellationToken.None),
        };
        var rows = await RowsAsync(connectionString);
        output.WriteLine(string.Join(", ", places.Select(place => $"{place.Value.Count} lines of {place.Key}")) + $", {rows.Count} rows, {canaries.Count} values");

        // The control: each of them is found where it leaks.
        Assert.All(canaries, canary => Assert.All(
            [Convert.ToBase64String([1, .. canary.Bytes, 2]), System.Buffers.Text.Base64Url.EncodeToString(canary.Bytes), Convert.ToHexString(canary.Bytes)],
            form => Assert.Contains(Leaks($"a line with {form} in it", "control", secretsOnly: canary.IsSecret), leak => leak.Contains(canary.Name, StringComparison.Ordinal))));
        Assert.All(places.Values, lines => Assert.NotEmpty(lines));
        Assert.Contains(hub.Log.Lines, line => line.Contains("correlation id", StringComparison.Ordinal) && line.Contains("   at ", StringComparison.Ordinal));
        Assert.Contains(rows, row => row.Table is "subject.complaint" && Find("address").IsIn(row.Text));
        var leaks = places.SelectMany(place => place.Value.SelectMany(line => Leaks(line, place.Key)))
            .Concat(rows.Where(row => !row.Table.StartsWith("subject.", StringComparison.Ordinal)).SelectMany(row => Leaks(row.Text, row.Table)))
            .Concat(rows.Where(row => row.Table.StartsWith("subject.", StringComparison.Ordinal)).SelectMany(row => Leaks(row.Text, row.Table, secretsOnly: true)))
            .Concat(refusals.Where(ErrorHygieneTests.ShowsInside).Select(answer => $"answers show the inside: {answer}"));
        var found = string.Join("\n\n", leaks.Distinct().Take(20));
        Assert.True(found.Length is 0, found);
    }

    private IEnumerable<string> Leaks(string text, string place, bool secretsOnly = false) =>
        canaries.Where(canary => (canary.IsSecret || !secretsOnly) && canary.IsIn(text)).Select(canary => $"{place}: {canary.Name} in {text[..Math.Min(text.Length, 600)]}");

    // Each row of each table as text, bytes in hexadecimal.
    private static async Task<List<(string Table, string Text)>> RowsAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        List<string> tables = [];
        await using (var command = source.CreateCommand(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        List<(string Table, string Text)> rows = [];
        foreach (var table in tables)
        {
            await using var command = source.CreateCommand($"SELECT t::text FROM {table} AS t");
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                rows.Add((table, reader.GetString(0)));
            }
        }

        return rows;
    }

    private async Task AnswerAsync(Func<Task<string>> call)
    {
        try
        {
            answers.Add(await call().WaitAsync(Patience));
        }
        catch (RpcException e)
        {
            Assert.True(e.StatusCode is StatusCode.DeadlineExceeded || e.Reason().Length > 0);
            Refuse(Everything(e));
        }
    }

    // What one is given for oneself is not looked at.
    private async Task SendAsync(Task<HttpResponseMessage> sending, bool isOwn = false)
    {
        using var response = await sending;
        var body = await response.Content.ReadAsStringAsync();
        if (!isOwn)
        {
            answers.Add($"{(int)response.StatusCode} {response.Headers} {body}");
            if (!response.IsSuccessStatusCode)
            {
                Refuse(answers[^1]);
            }
        }
    }

    private static async Task<string> PushedAsync(CityHub city, Exchange.Catalog.Caller caller, PushedRecord record) =>
        (await city.PushAsync(caller, city.Header(caller, "title", "content", "phone"), record)).ToString();

    private static async Task<string> ReadAsync<T>(AsyncServerStreamingCall<T> call, int messages = int.MaxValue)
        where T : class
    {
        var read = new StringBuilder();
        using (call)
        {
            for (var count = 0; count < messages && await call.ResponseStream.MoveNext(CancellationToken.None); count++)
            {
                read.Append(call.ResponseStream.Current).Append('\n');
            }
        }

        return read.ToString();
    }

    private static string Everything(RpcException e) => string.Join(
        '\n',
        [e.Status.Detail, e.Trailers.Get("grpc-status-details-bin") is null ? "" : e.Details().ToString(), .. e.Trailers.Where(trailer => !trailer.IsBinary).Select(trailer => $"{trailer.Key}: {trailer.Value}")]);

    private void Refuse(string refusal)
    {
        answers.Add(refusal);
        refusals.Add(refusal);
    }

    private void Plant(string name, byte[] bytes) => canaries.Add(new Canary(name, bytes, true));

    private Canary Find(string name) => canaries.Single(canary => canary.Name == name);

    private string Text(string name) => Encoding.UTF8.GetString(Find(name).Bytes);

    private static Value Value(string text) => new() { Text = text };
}
