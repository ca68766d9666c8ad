using System.Text;
using System.Text.RegularExpressions;
using Exchange.Clients;
using Exchange.EventStore.Embedded;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Faults.Kills;
using Exchange.Testing;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Npgsql;

namespace Exchange.Server.Tests.Faults.Hygiene;

/// <summary>
/// Reliability D8: whatever goes wrong, no status shows the inside of the hub or a value, and neither the hub's log nor the database's holds one. Values
/// that are pushed, filtered by or sent in place of something else carry a mark that is looked for afterwards.
/// </summary>
public sealed partial class ErrorHygieneTests(ITestOutputHelper output)
{
    /// <summary>Stands in every value a caller sends; personal data never leaves as an error and never reaches a log.</summary>
    private const string Mark = "zhangsan13812345678";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly List<(string Fault, RpcException Status)> answers = [];

    [Fact]
    public async Task No_failure_shows_the_inside_of_the_hub_or_a_value_and_no_log_holds_one()
    {
        await using var postgres = await TestPostgres.StartOwnAsync();
        try
        {
            await using var hub = await HubProgram.StartAsync(await postgres.CreateDatabaseAsync("hub", CancellationToken.None), "--default-deadline", "5");
            var city = await FaultCity.FoundAsync(hub, 1, TestContext.Current.CancellationToken);
            await using var desk = city[0].Client;
            using var channel = GrpcChannel.ForAddress(hub.Grpc);
            var token = await desk.Tokens.GetAsync(CancellationToken.None);
            var invoker = channel.Intercept(headers =>
            {
                headers.Add("authorization", "Bearer " + token);
                return headers;
            });

            await PushAsync(invoker, city[0].Name, "good", Values());
            await BadRequestsAsync(invoker, city[0].Name);
            await BadTokensAsync(channel, token);
            await BrokenDatabaseAsync(invoker, city[0].Name, postgres.ConnectionString("hub"));
            await AwayDatabaseAsync(invoker, city[0].Name, postgres);
            await hub.KillAsync();

            output.WriteLine($"{answers.Count} failures: {string.Join(", ", answers.CountBy(answer => answer.Status.StatusCode).Select(code => $"{code.Value} {code.Key}"))}");
            Assert.Equal("", string.Join('\n', answers.Select(answer => Leak(answer.Fault, Everything(answer.Status))).Where(leak => leak.Length > 0)));

            // A passed deadline keeps gRPC's bare status.
            Assert.All(answers.Where(answer => answer.Status.StatusCode is not StatusCode.DeadlineExceeded), answer => Assert.NotEmpty(answer.Status.Reason()));
            Assert.True(answers.CountBy(answer => answer.Status.StatusCode).Count() >= 8, "many kinds of failures must be seen");
            Assert.DoesNotContain(hub.Lines, line => line.Contains(Mark, StringComparison.OrdinalIgnoreCase));
            Assert.Contains(hub.Lines, line => line.Contains("correlation id", StringComparison.Ordinal));
            var log = await File.ReadAllTextAsync(postgres.LogFile, CancellationToken.None);
            Assert.DoesNotContain(Mark, log, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("ready to accept connections", log, StringComparison.Ordinal);
        }
        finally
        {
            await postgres.DisposeAsync();
            TestPostgres.Delete(postgres.DataDirectory);
        }
    }

    /// <summary>True for a text that shows SQL, a stack, a path, a host or a token.</summary>
    internal static bool ShowsInside(string text) => Inside().IsMatch(text);

    private async Task BadRequestsAsync(CallInvoker invoker, string desk)
    {
        var records = new RecordsService.RecordsServiceClient(invoker);
        var pushed = await PushAsync(invoker, desk, "bad values", Text(Mark + new string('x', 400)), new Value { Integer = 1 });
        Assert.DoesNotContain(Mark, pushed.ToString(), StringComparison.Ordinal);
        await FailsAsync("reused push id", () => PushAsync(invoker, desk, "good", Values()[1], Values()[0]));
        await FailsAsync("unknown field", () => records.PushBatchAsync(Request(desk, "field", "nothing")).ResponseAsync);
        await FailsAsync("bad push id", () => records.PushBatchAsync(Request(desk, Mark + "\n", "title")).ResponseAsync);
        await FailsAsync("foreign system", () => records.PushBatchAsync(Request("desk-of-others", "x", "title")).ResponseAsync);
        foreach (var filter in new[] { $"title = \"{Mark}", $"title > {Mark}x AND (", $"note = \"{Mark}\" OR", $"create_time > \"{Mark}\"", $"title = {Mark}{Mark} {Mark}" })
        {
            await FailsAsync("filter", () => ReadAsync(records.Pull(new PullRequest { Resource = FaultCity.Resource, Filter = filter + " )", Purpose = Purpose.Regulation })));
        }

        await FailsAsync("page token", () => ReadAsync(records.Pull(new PullRequest { Resource = FaultCity.Resource, PageToken = Mark, Purpose = Purpose.Regulation })));
        await FailsAsync("no such resource", () => ReadAsync(records.Pull(new PullRequest { Resource = "resources/nothing", Purpose = Purpose.Regulation })));
        await FailsAsync("no purpose", () => ReadAsync(records.Pull(new PullRequest { Resource = FaultCity.Resource })));
        await FailsAsync("no such record", () => records.GetRecordAsync(new GetRecordRequest { Name = $"{FaultCity.Resource}/records/{Guid.NewGuid()}", Purpose = Purpose.Regulation }).ResponseAsync);
        await FailsAsync("no record's name", () => records.GetRecordAsync(new GetRecordRequest { Name = $"{FaultCity.Resource}/records/../../etc/passwd", Purpose = Purpose.Regulation }).ResponseAsync);
        await FailsAsync("checkpoint", () => ReadAsync(new FeedService.FeedServiceClient(invoker).Follow(new FollowRequest { Resource = FaultCity.Resource, Checkpoint = Mark, Purpose = Purpose.Regulation })));
        await FailsAsync("role", () => new AuditService.AuditServiceClient(invoker).ListEventsAsync(new ListEventsRequest()).ResponseAsync);
        await FailsAsync("deadline", () => records.GetRecordAsync(new GetRecordRequest { Name = FaultCity.Resource }, deadline: DateTime.UtcNow.AddTicks(1)).ResponseAsync);
        await FailsAsync("no such method", () => invoker.AsyncUnaryCall(Raw("exchange.v1.RecordsService", "Nothing"), null, default, []).ResponseAsync);
        await FailsAsync("malformed", () => invoker.AsyncUnaryCall(Raw("exchange.v1.RecordsService", "PushBatch"), null, default, [0x0a, 0x7f, .. Encoding.UTF8.GetBytes(Mark)]).ResponseAsync);
        await FailsAsync("too large", () => invoker.AsyncUnaryCall(
            Raw("exchange.v1.RecordsService", "PushBatch"), null, default, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Mark, 250_000)))).ResponseAsync);
    }

    private async Task BadTokensAsync(GrpcChannel channel, string token)
    {
        foreach (var (fault, bad) in new[] { ("no token", ""), ("cut token", token[..^5]), ("other token", $"{Mark}.{Mark}.{Mark}") })
        {
            var headers = bad.Length is 0 ? [] : new Metadata { { "authorization", "Bearer " + bad } };
            await FailsAsync(fault, () => new DepartmentsService.DepartmentsServiceClient(channel).ListDepartmentsAsync(new ListDepartmentsRequest(), headers).ResponseAsync);
        }
    }

    // What no caller should ever see happen: constraints that the rows break, a column of another type, no table at all.
    private async Task BrokenDatabaseAsync(CallInvoker invoker, string desk, string connectionString)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        var records = new RecordsService.RecordsServiceClient(invoker);
        var receipt = await PushAsync(invoker, desk, "to be broken", Values());
        string[] breaks =
        [
            $"ALTER TABLE subject.incident ADD CONSTRAINT no_values CHECK (title <> '{Mark}') NOT VALID",
            "ALTER TABLE subject.incident DROP CONSTRAINT no_values, ALTER COLUMN note TYPE bytea USING ''",
            "ALTER TABLE subject.incident DROP COLUMN note",
            "ALTER TABLE subject.incident RENAME TO hidden",
        ];
        for (var index = 0; index < breaks.Length; index++)
        {
            await using var command = database.CreateCommand(breaks[index]);
            await command.ExecuteNonQueryAsync();
            await FailsAsync($"push after {breaks[index][..30]}", () => PushAsync(invoker, desk, $"broken-{index}", Values()));
        }

        await FailsAsync("pull without a table", () => ReadAsync(records.Pull(new PullRequest { Resource = FaultCity.Resource, Filter = $"title = \"{Mark}\"", Purpose = Purpose.Regulation })));
        var get = new GetRecordRequest { Name = $"{FaultCity.Resource}/records/{receipt.Results[0].RecordId}", Purpose = Purpose.Regulation };
        foreach (var broken in new[] { $"UPDATE log.event SET payload = '\\x0a7f'::bytea || '{Mark}'::bytea WHERE type = 'fields-pushed'", "ALTER TABLE log.event RENAME COLUMN payload TO hidden" })
        {
            await using var command = database.CreateCommand(broken);
            await command.ExecuteNonQueryAsync();
            await FailsAsync($"get after {broken[..30]}", () => records.GetRecordAsync(get).ResponseAsync);
        }
    }

    private async Task AwayDatabaseAsync(CallInvoker invoker, string desk, EmbeddedPostgres postgres)
    {
        await postgres.KillAsync(CancellationToken.None);
        await FailsAsync("push without a database", () => PushAsync(invoker, desk, "away", Values()));
        await FailsAsync("pull without a database", () => ReadAsync(new RecordsService.RecordsServiceClient(invoker).Pull(new PullRequest { Resource = FaultCity.Resource, Purpose = Purpose.Regulation })));
    }

    private async Task FailsAsync(string fault, Func<Task> call)
    {
        var thrown = await Xunit.Record.ExceptionAsync(() => call().WaitAsync(Patience));
        Assert.True(thrown is RpcException, $"{fault}: {thrown?.ToString() ?? "went well"}");
        answers.Add((fault, (RpcException)thrown!));
    }

    private static async Task<PushReceipt> PushAsync(CallInvoker invoker, string desk, string push, params Value[] values) =>
        await new RecordsService.RecordsServiceClient(invoker).PushBatchAsync(Request(desk, push, ["title", "note"], values));

    private static PushBatchRequest Request(string desk, string push, string field) => Request(desk, push, [field], [Text(Mark)]);

    private static PushBatchRequest Request(string desk, string push, string[] fields, Value[] values) => new()
    {
        Header = new PushHeader { Resource = FaultCity.Resource, SourceSystem = desk, PushId = push, Fields = { fields } },
        Batch = new PushedBatch { Sequence = 1, Records = { new PushedRecord { SourceId = $"{Mark}-{push.Length}", Values = { values } } } },
    };

    private static Value[] Values() => [Text(Mark), Text("note of " + Mark)];

    private static Value Text(string text) => new() { Text = text };

    private static async Task ReadAsync<T>(AsyncServerStreamingCall<T> call)
    {
        using (call)
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                // Until the status comes.
            }
        }
    }

    private static Method<byte[], byte[]> Raw(string service, string name) =>
        new(MethodType.Unary, service, name, Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes), Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes));

    // What a caller gets, however it is packed.
    private static string Everything(RpcException status) => string.Join(
        '\n',
        [status.Status.Detail, status.Trailers.Get("grpc-status-details-bin") is null ? "" : status.Details().ToString(),
            .. status.Trailers.Select(trailer => $"{trailer.Key}: {(trailer.IsBinary ? Encoding.UTF8.GetString(trailer.ValueBytes) : trailer.Value)}")]);

    private static string Leak(string fault, string text) =>
        text.Contains(Mark, StringComparison.OrdinalIgnoreCase) ? $"{fault} shows a value: {text}"
        : Inside().Match(text) is { Success: true } inside ? $"{fault} shows `{inside.Value}`: {text}"
        : "";

    [GeneratedRegex(@"(?i)\b(select|insert into|update \w+ set|delete from|from (log|subject)\.|relation ""|column ""|constraint ""|npgsql|postgres|sqlstate|exception|stack trace)\b|\bsubject\.|\blog\.event|^\s*at [A-Z]\w+\.|\.cs\b|\.cs:line|/(root|work|home|tmp|var|usr|etc|run)/|127\.0\.0\.1|localhost|Bearer eyJ|eyJ[A-Za-z0-9_-]{10,}", RegexOptions.Multiline)]
    private static partial Regex Inside();
}
