using System.Collections.Concurrent;
using System.Diagnostics;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Access;
using Exchange.Server.Governance;
using Exchange.Server.Tests.Faults;
using Exchange.Server.Tests.Feed;
using Exchange.Server.Tests.Governance;
using Exchange.Server.Tests.Records;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using static Exchange.Server.Tests.Policies.Rows;
using static Exchange.Server.Tests.Records.Push.Pushed;
using GrantId = Exchange.Catalog.GrantId;
using AccessService = Exchange.Protos.V1.AccessService;
using HubPurpose = Exchange.Catalog.Purpose;
using SharingClass = Exchange.Catalog.SharingClass;
using SharingList = Exchange.Catalog.SharingList;

namespace Exchange.Server.Tests.Policies;

/// <summary>
/// Whatever is begun more than a second after a change was acknowledged on another node is decided under that change, or refused. A promise of safety: a
/// node that is slow, or cut off, refuses. What is waited for here is the passing of that second itself.
/// </summary>
public sealed class AnswerAgeTests : IAsyncLifetime
{
    private const int Judged = 60;
    private const int LeastFlips = 8;
    private const int MostFlips = 60;
    private static readonly TimeSpan ASecond = GovernanceStore.Patience + TimeSpan.FromMilliseconds(1);

    private readonly CityHub city = new();
    private string record = "";

    public async ValueTask InitializeAsync()
    {
        await city.InitializeAsync();
        var opened = await city.PushAsync(
            City.Centre, city.Header(City.Centre, "title", "content", "fee"), Own("aging", Text("lamp"), Text("it is dark"), new Value { Decimal = "2.5" }));
        record = $"resources/complaint/records/{Assert.Single(opened.Results).RecordId}";
    }

    public ValueTask DisposeAsync() => city.DisposeAsync();

    [Fact]
    public async Task No_answer_begun_a_second_after_a_row_a_grant_or_a_sharing_list_changed_is_the_old_one()
    {
        var other = await city.Hub.StartSecondNodeAsync(options => options with { GovernancePatience = GovernanceStore.Patience });
        var answers = new ConcurrentBag<Answer>();
        List<(string Field, bool IsShown, long Begun, long Acknowledged)> changes = [];
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => ReadAsync(other, answers, done.Token))).ToList();
        var judged = 0;
        for (var flip = 0; flip < LeastFlips || (judged < Judged && flip < MostFlips); flip++)
        {
            foreach (var field in new[] { "title", "content", "fee" })
            {
                var begun = Stopwatch.GetTimestamp();
                await ShowAsync(field, flip, flip % 2 is 0);
                changes.Add((field, flip % 2 is 0, begun, Stopwatch.GetTimestamp()));
            }

            await Task.Delay(ASecond + TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
            judged = answers.Count(answer => changes.Exists(change => answer.Begun > Later(change.Acknowledged)));
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);

        var (held, old) = (0, 0);
        foreach (var answer in answers)
        {
            foreach (var ofField in changes.ToLookup(change => change.Field))
            {
                // The last change that must count, and those after it that may.
                var possible = ofField.Index().Where(change => change.Item.Begun < answer.Ended).ToList();
                var last = possible.FindLastIndex(change => Later(change.Item.Acknowledged) < answer.Begun);
                if (last >= 0)
                {
                    Assert.Contains(answer.Shown.Contains(ofField.Key), possible.Skip(last).Select(change => change.Item.IsShown));
                    held += last == possible.Count - 1 ? 1 : 0;
                    old += last == possible.Count - 1 ? 0 : 1;
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{changes.Count} changes; {answers.Count} answers; {held} fields had one right answer, {old} had two");
        Assert.InRange(held, Judged, int.MaxValue);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(30, false)]
    public async Task A_node_that_is_cut_off_refuses_after_a_second_and_would_give_the_old_answer_were_it_more_patient(int patienceSeconds, bool isRefused)
    {
        await using var line = new DatabaseLine(city.Hub.Options.ConnectionString!);
        var node = await city.Hub.StartSecondNodeAsync(options => options with { ConnectionString = line.ConnectionString, GovernancePatience = TimeSpan.FromSeconds(patienceSeconds) });
        var invoker = city.ClientOf(City.Archive).InvokerOn(node);
        Assert.Contains("title", await AnsweredAsync(() => OfPlanAsync(invoker)));

        line.Cut();
        await SetAsync("title");
        await Task.Delay(ASecond, TestContext.Current.CancellationToken);
        var plans = node.Services.GetRequiredService<ReadPlans>();
        var decided = await plans.FindAsync(City.Archive, City.Complaint, PlanAction.Pull, HubPurpose.Regulation, TestContext.Current.CancellationToken);
        if (!isRefused)
        {
            // Only the decision: each read would wait for its trail, which a node that is cut off cannot write.
            Assert.Contains(decided.Value!.Plan.Fields, field => field.Field.Name is "title" && !field.IsDenied);
            line.Mend();
            return;
        }

        Assert.True(decided.IsRefused);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            Assert.Null(await TryAsync(() => OfPlanAsync(invoker)));
            Assert.Null(await TryAsync(() => OfRecordAsync(invoker)));
            Assert.Null(await TryAsync(() => OfPullAsync(invoker)));
        }

        line.Mend();
        Assert.DoesNotContain("title", await AnsweredAsync(() => OfPlanAsync(invoker)));
    }

    [Fact]
    public async Task A_stream_on_another_node_delivers_nothing_pushed_a_second_after_its_right_ended_and_ends_with_the_rule()
    {
        var node = await city.Hub.StartSecondNodeAsync(options => options with { GovernancePatience = GovernanceStore.Patience });
        using var follower = await AnsweredAsync(() => FollowAsync(node, "title"));

        await SetAsync("title");
        await Task.Delay(ASecond, TestContext.Current.CancellationToken);
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("too-late", Text("lamp")));
        var end = await follower.ReadToEndAsync();
        while (end.StatusCode is StatusCode.Unavailable)
        {
            // The node was too slow to know: whoever comes again is refused for the same reason.
            end = await Assert.ThrowsAsync<RpcException>(() => FollowAsync(node, "title"));
        }

        Assert.Empty(follower.Changes);
        Assert.Equal(StatusCode.PermissionDenied, end.StatusCode);
        Assert.Contains("aging", end.Detail<ErrorInfo>()!.Metadata["rules"].Split(','));
    }

    [Fact]
    public async Task A_stream_on_another_node_delivers_what_is_pushed_a_second_after_a_tighter_mask_through_that_mask()
    {
        var node = await city.Hub.StartSecondNodeAsync(options => options with { GovernancePatience = GovernanceStore.Patience });
        var row = Row("aging-mask", PolicyEffect.Allow, "departments/archive", "resources/complaint/fields/grid_note");
        await SetAsync(row.With(r => r.Mask = new Mask { Kind = MaskKind.None }));
        await Task.Delay(ASecond, TestContext.Current.CancellationToken);
        using var follower = await AnsweredAsync(() => FollowAsync(node, "grid_note"));
        await SetAsync(row.With(r => r.Mask = new Mask { Kind = MaskKind.ShowFirstN, Parameter = 1 }));
        await Task.Delay(ASecond, TestContext.Current.CancellationToken);
        await city.PushAsync(City.Grid, city.Header(City.Grid, "grid_note"), OpenedAs("centre-desk", "aging", Text("behind the gate")));

        while (!follower.Records.Values.Any(values => values.ContainsKey("grid_note")))
        {
            if (await TryAsync(follower.ReadAsync) is null)
            {
                return; // Too slow to know, so refused: nothing was delivered.
            }
        }

        Assert.Equal("b＊", Assert.Single(follower.Records).Value["grid_note"].Text);
    }

    [Fact]
    public async Task A_stream_on_a_node_that_is_cut_off_delivers_nothing_more_and_ends()
    {
        await using var line = new DatabaseLine(city.Hub.Options.ConnectionString!);
        var node = await city.Hub.StartSecondNodeAsync(options => options with { ConnectionString = line.ConnectionString, GovernancePatience = GovernanceStore.Patience });
        using var follower = await AnsweredAsync(() => FollowAsync(node, "title"));

        line.Cut();
        await SetAsync("title");
        await Task.Delay(ASecond, TestContext.Current.CancellationToken);
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("unheard", Text("lamp")));
        var ending = follower.ReadToEndAsync();
        await Task.Delay(2 * ASecond, TestContext.Current.CancellationToken);
        var delivered = follower.Changes.Count;
        line.Mend();
        var end = await ending;

        // Which of the two it hears depends on what the node knows first: that it knew nothing, or the row.
        Assert.Contains(end.StatusCode, new[] { StatusCode.Unavailable, StatusCode.PermissionDenied });
        Assert.Equal((0, 0), (delivered, follower.Changes.Count));
    }

    private static long Later(long acknowledged) => acknowledged + Stopwatch.Frequency;

    private static async Task<T?> TryAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable)
        {
            return null;
        }
    }

    // A node that is too slow to know refuses: until it answers.
    private static async Task<T> AnsweredAsync<T>(Func<Task<T>> read)
        where T : class
    {
        while (true)
        {
            if (await TryAsync(read) is { } answer)
            {
                return answer;
            }
        }
    }

    private async Task ReadAsync(TestHub node, ConcurrentBag<Answer> answers, CancellationToken done)
    {
        var invoker = city.ClientOf(City.Archive).InvokerOn(node);
        while (!done.IsCancellationRequested)
        {
            var begun = Stopwatch.GetTimestamp();
            if (await TryAsync(() => OfRecordAsync(invoker)) is { } shown)
            {
                answers.Add(new Answer(begun, Stopwatch.GetTimestamp(), shown));
            }
        }
    }

    private async Task ShowAsync(string field, int flip, bool isShown)
    {
        switch (field, isShown)
        {
            case ("title", true):
                await SetAsync("calls");
                break;
            case ("title", false):
                await SetAsync("title");
                break;
            case ("content", true):
                await city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Centre, $"aging-{flip}", "content")));
                break;
            case ("content", false):
                await city.HappenAsync(new GovernanceEvent.GrantRevoked(new GrantId($"aging-{flip - 1}"), "a test", DateTimeOffset.UtcNow));
                break;
            default:
                var fee = City.Fields.Single(entry => entry.Name is "fee");
                var listed = city.State.SharingOf(City.Centre.Department, City.Complaint, fee) with
                {
                    SharingClass = isShown ? SharingClass.Unconditional : SharingClass.NotShared,
                };
                await city.HappenAsync(new GovernanceEvent.SharingListChanged(
                    new SharingList { Department = City.Centre.Department, Resource = City.Complaint, Entries = [listed], Revision = flip + 1 }));
                break;
        }
    }

    private Task SetAsync(string forbidden) => SetAsync(Row("aging", PolicyEffect.Deny, "departments/archive", $"resources/complaint/fields/{forbidden}"));

    private async Task SetAsync(PolicyRow row) => await city.Hub.SetRowAsync(row);

    private Task<Follower> FollowAsync(TestHub node, params string[] fields) => Follower.BeginAsync(
        new FeedService.FeedServiceClient(city.ClientOf(City.Archive).InvokerOn(node)),
        new FollowRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { fields } });

    private async Task<List<string>> OfRecordAsync(CallInvoker invoker)
    {
        var read = await new RecordsService.RecordsServiceClient(invoker).GetRecordAsync(new GetRecordRequest { Name = record, Purpose = Purpose.Regulation });
        return [.. read.Values.Select(value => value.Field)];
    }

    private static async Task<List<string>> OfPlanAsync(CallInvoker invoker)
    {
        var plan = await new AccessService.AccessServiceClient(invoker).GetAccessPlanAsync(new GetAccessPlanRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation });
        return [.. plan.Fields.Where(field => field.Rules[0].Allow).Select(field => field.Field)];
    }

    private static async Task<List<string>> OfPullAsync(CallInvoker invoker)
    {
        using var pull = new RecordsService.RecordsServiceClient(invoker).Pull(new PullRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation });
        List<string> shown = [];
        await foreach (var message in pull.ResponseStream.ReadAllAsync())
        {
            shown.AddRange(message.Start?.Columns.Select(column => column.Field) ?? []);
        }

        return shown;
    }

    private sealed record Answer(long Begun, long Ended, List<string> Shown);
}
