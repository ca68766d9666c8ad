using System.Buffers.Text;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Masks;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Records.Push;
using Grpc.Core;
using Level = Exchange.Catalog.Level;
using Mask = Exchange.Policy.Masks.Mask;
using MaskKind = Exchange.Policy.Masks.MaskKind;
using OpenClass = Exchange.Catalog.OpenClass;
using Purpose = Exchange.Protos.V1.Purpose;
using SharingClass = Exchange.Catalog.SharingClass;
using SharingList = Exchange.Catalog.SharingList;

namespace Exchange.Server.Tests.Records.Pull;

public sealed class PullPageTests(FilledCity filled) : IClassFixture<FilledCity>
{
    private const int Records = FilledCity.Records;

    private const string EndedReads = "SELECT count(*) FROM log.event WHERE type = 'read-completed' AND position('RIGHT_ENDED'::bytea in payload) > 0";

    private readonly CityHub city = filled.Hub;

    [Fact]
    public async Task Every_row_comes_once_in_batches_of_at_most_256_KiB()
    {
        var pulled = await Pulled.AllOf(filled.Pull(FilledCity.Request("", "")));

        Assert.Equal(Records, pulled.Ids.Distinct().Count());
        Assert.Equal((Records, Records), (pulled.Ids.Count, pulled.End?.Rows));
        Assert.All(pulled.Batches, batch => Assert.InRange(batch.CalculateSize(), 1, 256 * 1024));
        Assert.InRange(pulled.Batches.Count, 8, 200);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("", "calls")]
    [InlineData("", "calls desc")]
    [InlineData("", "title desc")]
    [InlineData("calls > 20", "due")]
    [InlineData("title : even", "")]
    [InlineData("calls > 20", "")]
    [InlineData("calls = 7", "")]
    [InlineData("due = 2013-10-23 AND calls < 25", "")]
    public async Task A_pull_that_goes_on_after_any_batch_sends_the_rest_and_only_that(string filter, string order)
    {
        var whole = await Pulled.AllOf(filled.Pull(FilledCity.Request(filter, order)));
        Assert.InRange(whole.Batches.Count, 2, 200);

        foreach (var taken in new[] { 1, whole.Batches.Count / 2, whole.Batches.Count })
        {
            var request = FilledCity.Request(filter, order);
            request.PageToken = whole.Batches[taken - 1].PageToken;
            var rest = await Pulled.AllOf(filled.Pull(request));

            Assert.Equal(whole.Batches.Skip(taken).SelectMany(batch => batch.Rows), rest.Rows);
            Assert.Equal(whole.Start.Checkpoint, rest.Start.Checkpoint);
        }
    }

    [Fact]
    public async Task Records_changed_while_a_pull_runs_come_once_each()
    {
        using var call = filled.Pull(FilledCity.Request("", ""));
        var ids = new List<Guid>();
        var isFirst = true;
        await foreach (var response in call.ResponseStream.ReadAllAsync(CancellationToken.None))
        {
            if (response.MessageCase is PullResponse.MessageOneofCase.Batch)
            {
                ids.AddRange(response.Batch.Rows.Select(row => new Guid(row.RecordId.Span, bigEndian: true)));
                if (isFirst)
                {
                    await city.PushAsync(
                        City.Centre, city.Header(City.Centre, "fee"), [.. Enumerable.Range(0, 2_000).Select(number => Pushed.Own($"page-{number}", new Value { Decimal = "7.5" }))]);
                    isFirst = false;
                }
            }
        }

        Assert.Equal((Records, Records), (ids.Count, ids.Distinct().Count()));
    }

    [Fact]
    public async Task A_page_token_is_good_for_its_client_and_request_only()
    {
        var first = await Pulled.AllOf(filled.Pull(FilledCity.Request("", "")));
        var token = first.Batches[0].PageToken;
        var otherFilter = FilledCity.Request("calls > 1", "");
        var otherOrder = FilledCity.Request("", "title");
        var otherClient = FilledCity.Request("", "");
        var changed = FilledCity.Request("", "");
        (otherFilter.PageToken, otherOrder.PageToken, otherClient.PageToken, changed.PageToken) = (token, token, token, token[..^8] + "AAAAAAAA");
        var checkpoint = FilledCity.Request("", "");
        checkpoint.PageToken = first.Start.Checkpoint;

        foreach (var request in new[] { otherFilter, otherOrder, changed, checkpoint })
        {
            Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => Pulled.AllOf(filled.Pull(request))));
        }

        var colleague = City.Centre with { Client = new ClientId("centre-second") };
        await city.RegisterAsync(colleague);
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => Pulled.AllOf(city.RecordsOf(City.Archive).Pull(otherClient))));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => Pulled.AllOf(city.RecordsOf(colleague).Pull(otherClient))));
    }

    [Fact]
    public async Task The_checkpoint_was_taken_before_the_first_page()
    {
        var before = await city.HeadsAsync();
        using var call = filled.Pull(FilledCity.Request("", ""));
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(FilledCity.Deadline));
        var checkpoint = call.ResponseStream.Current.Start.Checkpoint;
        await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Pushed.Own("late", Pushed.Text("late")), Pushed.Own("page-1", Pushed.Text("late too")));

        using var follow = city.FeedOf(City.Centre).Follow(new FollowRequest
        {
            Resource = "resources/complaint", Purpose = Purpose.Regulation, Fields = { "title", "calls", "due", "content" }, Checkpoint = checkpoint,
        });
        var changes = new List<Change>();
        using var patience = new CancellationTokenSource(FilledCity.Deadline);
        while (changes.Count < 2 && await follow.ResponseStream.MoveNext(patience.Token))
        {
            changes.AddRange(follow.ResponseStream.Current.Batch?.Changes ?? []);
        }

        Assert.Equal(2, changes.Count);
        Assert.All(changes, change => Assert.True(change.Position > before[change.Partition]));
        await filled.RestoreAsync();
    }

    [Fact]
    public async Task A_grant_revoked_while_a_pull_runs_ends_it_with_the_rule()
    {
        await city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Grid, "short", "grid_note")));
        var request = FilledCity.Request("", "");
        request.Fields.Add("grid_note");
        using var call = city.RecordsOf(City.Archive).Pull(request);
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(FilledCity.Deadline));
        const string Completed = "SELECT count(*) FROM log.event WHERE type = 'read-completed'";
        var before = await city.ScalarAsync<long>(Completed);

        await city.HappenAsync(new GovernanceEvent.GrantRevoked(new GrantId("short"), "a test", DateTimeOffset.UtcNow));
        await FilledCity.UntilAsync(async () => await city.ScalarAsync<long>(Completed) > before);
        var ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(FilledCity.Deadline))
            {
            }
        });

        Assert.Equal((StatusCode.PermissionDenied, "RIGHT_ENDED"), (ended.StatusCode, ended.Reason()));
        Assert.Contains("short", ended.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "title")]
    [InlineData("title != \"\"", "")]
    public async Task A_pull_that_filters_or_orders_by_a_field_ends_when_the_field_is_masked(string filter, string order)
    {
        // With the contents it is more than the connection takes without its reader.
        await city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Centre, $"contents {order}", "content")));
        var request = FilledCity.Request(filter, order);
        request.Fields.Remove("title");
        using var call = city.RecordsOf(City.Archive).Pull(request);
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(FilledCity.Deadline));
        var ends = await city.ScalarAsync<long>(EndedReads);

        await ShareAsync(new Mask(MaskKind.Redact));
        try
        {
            await FilledCity.UntilAsync(async () => await city.ScalarAsync<long>(EndedReads) > ends);
            var ended = await Assert.ThrowsAsync<RpcException>(async () =>
            {
                while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(FilledCity.Deadline))
                {
                }
            });
            Assert.Equal((StatusCode.PermissionDenied, "RIGHT_ENDED"), (ended.StatusCode, ended.Reason()));
        }
        finally
        {
            await ShareAsync(default);
        }
    }

    [Fact]
    public async Task A_page_token_does_not_go_on_under_another_plan_until_that_shows_the_same_again()
    {
        var request = FilledCity.Request("", "");
        var first = await Pulled.AllOf(city.RecordsOf(City.Archive).Pull(request));
        request.PageToken = first.Batches[^1].PageToken;
        await city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Centre, "beside", "phone")));
        await Pulled.AllOf(city.RecordsOf(City.Archive).Pull(request));

        await ShareAsync(new Mask(MaskKind.Redact));
        var masked = await TestStatus.RefusalOf(() => Pulled.AllOf(city.RecordsOf(City.Archive).Pull(request)));
        await ShareAsync(default);

        Assert.Equal((StatusCode.Aborted, "PLAN_CHANGED"), masked);
        await Pulled.AllOf(city.RecordsOf(City.Archive).Pull(request));
    }

    [Fact]
    public async Task A_page_token_shows_nothing_of_the_value_that_the_pull_is_ordered_by()
    {
        var pulled = await Pulled.AllOf(filled.Pull(FilledCity.Request("", "title desc")));

        Assert.All(pulled.Batches, batch => Assert.Equal(-1, Base64Url.DecodeFromChars(batch.PageToken).AsSpan().IndexOf("title"u8)));
    }

    // The centre's own list for its titles, as they are but for the mask.
    private Task ShareAsync(Mask mask) => city.HappenAsync(new GovernanceEvent.SharingListChanged(new SharingList
    {
        Department = City.Centre.Department,
        Resource = City.Complaint,
        Revision = 1,
        Entries = [new() { FieldNumber = 1, Level = Level.Public, SharingClass = SharingClass.Unconditional, OpenClass = OpenClass.NotOpen, Mask = mask }],
    }));
}
