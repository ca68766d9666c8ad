using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Feed;
using Exchange.Server.Records.Subjects;
using Exchange.Server.Tests.Records;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Caller = Exchange.Catalog.Caller;
using ClientId = Exchange.Catalog.ClientId;
using ResourceId = Exchange.Catalog.ResourceId;
using Role = Exchange.Protos.V1.Role;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Feed;

public sealed class FollowRequestTests(CityHub city) : IClassFixture<CityHub>
{
    [Fact]
    public async Task An_unknown_resource_is_not_found() =>
        Assert.Equal((StatusCode.NotFound, "RESOURCE_NOT_FOUND"), await RefusalAsync(request => request.Resource = "resources/petition"));

    [Theory]
    [InlineData("")]
    [InlineData("complaint")]
    [InlineData("resources/")]
    [InlineData("resources/complaint/records")]
    public async Task A_malformed_resource_name_is_refused(string name) =>
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await RefusalAsync(request => request.Resource = name));

    [Theory]
    [InlineData(Protos.V1.Purpose.Unspecified)]
    [InlineData((Protos.V1.Purpose)77)]
    public async Task A_read_without_a_known_purpose_is_refused(Protos.V1.Purpose purpose) =>
        Assert.Equal((StatusCode.InvalidArgument, "PURPOSE_REQUIRED"), await RefusalAsync(request => request.Purpose = purpose));

    [Fact]
    public async Task All_unknown_and_repeated_fields_are_named_at_once()
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => FollowAsync(City.Archive, request => request.Fields.Add(["title", "colour", "title", "shape"])));

        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Equal(
            ["fields[1] UNKNOWN_FIELD", "fields[2] DUPLICATE", "fields[3] UNKNOWN_FIELD"],
            refusal.Detail<BadRequest>()!.FieldViolations.Select(violation => $"{violation.Field} {violation.Reason}"));
    }

    [Theory]
    [InlineData("colour = \"red\"", "UNKNOWN_FIELD")]
    [InlineData("calls = \"many\"", "WRONG_TYPE")]
    [InlineData("calls >", "SYNTAX")]
    [InlineData("content = \"x\"", "UNREADABLE_FIELD")]
    [InlineData("place:*", "UNREADABLE_FIELD")]
    [InlineData("secret_note = \"x\"", "UNREADABLE_FIELD")]
    [InlineData("title : \"pipe\"", "NOT_SEARCHABLE")]
    public async Task A_filter_that_may_not_be_is_refused_with_its_position(string filter, string reason)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => FollowAsync(City.Archive, request => request.Filter = $"calls = 1 AND {filter}"));

        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        var violation = Assert.Single(refusal.Detail<BadRequest>()!.FieldViolations);
        Assert.Equal(("filter", reason), (violation.Field, violation.Reason));
        Assert.Matches("^at character (1[4-9]|2[0-9])", violation.Description);
    }

    [Theory]
    [InlineData("first : \"pipe\"", "NOT_SEARCHABLE")]
    [InlineData("second = \"pipe\"", "UNREADABLE_FIELD")]
    public async Task A_pull_whose_filter_a_feed_does_not_take_leads_into_no_feed_and_the_refusals_say_how_to_go_on(string filter, string reason)
    {
        const string Name = "resources/noted";
        var (first, second) = (Field(1, "first", Exchange.Catalog.SharingClass.Unconditional), Field(2, "second", Exchange.Catalog.SharingClass.Unconditional));
        var noted = new Exchange.Catalog.ResourceDefinition(
            new ResourceId("noted"), 1, [first with { Searchable = true }, second with { Level = Exchange.Catalog.Level.Sensitive }]) { Department = City.Centre.Department };
        await city.Hub.Services.GetRequiredService<SubjectTables>().EnsureAsync(noted, CancellationToken.None);
        await city.HappenAsync(new GovernanceEvent.ResourcePublished(noted));
        using var pull = city.RecordsOf(City.Archive).Pull(new PullRequest { Resource = Name, Purpose = Protos.V1.Purpose.Regulation, Filter = filter });
        Assert.True(await pull.ResponseStream.MoveNext(CancellationToken.None));
        var checkpoint = pull.ResponseStream.Current.Start.Checkpoint;

        var same = await Assert.ThrowsAsync<RpcException>(() => FollowAsync(City.Archive, request => (request.Resource, request.Filter, request.Checkpoint) = (Name, filter, checkpoint)));
        var none = await Assert.ThrowsAsync<RpcException>(() => FollowAsync(City.Archive, request => (request.Resource, request.Checkpoint) = (Name, checkpoint)));

        var violation = Assert.Single(same.Detail<BadRequest>()!.FieldViolations);
        Assert.Equal(reason, violation.Reason);
        Assert.EndsWith(": follow without it, from a pull without it", violation.Description, StringComparison.Ordinal);
        Assert.Equal((StatusCode.FailedPrecondition, "CHECKPOINT_REQUEST"), (none.StatusCode, none.Reason()));
        Assert.Contains("pull again with a filter that a feed takes too (no text search, no field of level 3 or 4)", none.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Role.Operator)]
    [InlineData(Role.Auditor)]
    [InlineData(Role.Steward)]
    public async Task Only_department_systems_follow(Role role)
    {
        var client = await city.Hub.RegisterAsync("archive", $"archive-{role}".ToLowerInvariant(), role);
        using var call = new Protos.V1.FeedService.FeedServiceClient(client.Invoker).Follow(Request());

        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => call.ResponseStream.MoveNext(CancellationToken.None)));
    }

    [Fact]
    public async Task A_field_that_may_be_known_but_not_read_is_refused_with_the_next_step()
    {
        var guarded = SubjectOf("guarded", Exchange.Catalog.SharingClass.Conditional, Exchange.Catalog.SharingClass.Unconditional);
        await city.HappenAsync(new GovernanceEvent.ResourcePublished(guarded));

        var refusal = await Assert.ThrowsAsync<RpcException>(() => FollowAsync(City.Archive, request =>
        {
            request.Resource = "resources/guarded";
            request.Fields.Add(["second", "first"]);
        }));

        var withUnknown = await Assert.ThrowsAsync<RpcException>(() => FollowAsync(City.Archive, request =>
        {
            request.Resource = "resources/guarded";
            request.Fields.Add(["first", "colour"]);
        }));

        Assert.Equal(
            ["fields[0] UNREADABLE_FIELD", "fields[1] UNKNOWN_FIELD"],
            withUnknown.Detail<BadRequest>()!.FieldViolations.Select(violation => $"{violation.Field} {violation.Reason}").Order());
        Assert.Equal((StatusCode.PermissionDenied, "READ_DENIED"), (refusal.StatusCode, refusal.Reason()));
        Assert.Contains("ask `centre` for a grant of `first`", refusal.Status.Detail);
        Assert.Equal("first", Assert.Single(refusal.Detail<BadRequest>()!.FieldViolations).Field);
    }

    [Fact]
    public async Task A_resource_of_which_nothing_may_be_read_is_refused()
    {
        var closed = SubjectOf("closed", Exchange.Catalog.SharingClass.NotShared, Exchange.Catalog.SharingClass.Conditional);
        await city.HappenAsync(new GovernanceEvent.ResourcePublished(closed));

        Assert.Equal((StatusCode.PermissionDenied, "READ_DENIED"), await RefusalAsync(request => request.Resource = "resources/closed"));
    }

    [Theory]
    [InlineData("", "CHECKPOINT_INVALID", StatusCode.InvalidArgument)]
    [InlineData("anything", "CHECKPOINT_INVALID", StatusCode.InvalidArgument)]
    [InlineData("tampered", "CHECKPOINT_INVALID", StatusCode.InvalidArgument)]
    [InlineData("another client", "CHECKPOINT_INVALID", StatusCode.InvalidArgument)]
    [InlineData("another client of the department", "CHECKPOINT_INVALID", StatusCode.InvalidArgument)]
    [InlineData("beyond the head", "CHECKPOINT_INVALID", StatusCode.InvalidArgument)]
    [InlineData("negative", "CHECKPOINT_INVALID", StatusCode.InvalidArgument)]
    [InlineData("a partition missing", "CHECKPOINT_INVALID", StatusCode.InvalidArgument)]
    [InlineData("an unknown partition", "CHECKPOINT_INVALID", StatusCode.InvalidArgument)]
    [InlineData("another generation", "CHECKPOINT_GENERATION", StatusCode.FailedPrecondition)]
    [InlineData("other fields", "CHECKPOINT_REQUEST", StatusCode.FailedPrecondition)]
    [InlineData("another filter", "CHECKPOINT_REQUEST", StatusCode.FailedPrecondition)]
    [InlineData("another purpose", "CHECKPOINT_REQUEST", StatusCode.FailedPrecondition)]
    [InlineData("another resource", "CHECKPOINT_REQUEST", StatusCode.FailedPrecondition)]
    public async Task A_checkpoint_that_is_not_of_this_reader_and_request_is_refused(string which, string reason, StatusCode code)
    {
        using var follower = await Follower.BeginAsync(city.FeedOf(City.Archive), Request());
        var positions = follower.Positions.ToDictionary();
        var (client, generation, request) = (City.Archive.Client, city.Log.Generation, Query());
        var text = which switch
        {
            "" or "anything" => which,
            "tampered" => follower.Checkpoint[..20] + (follower.Checkpoint[20] is 'A' ? 'B' : 'A') + follower.Checkpoint[21..],
            "another client" => Encode(City.Housing.Client, generation, request, positions),
            "another client of the department" => Encode(new ClientId("archive-second"), generation, request, positions),
            "beyond the head" => Encode(client, generation, request, Changed(positions, p => p + 1)),
            "negative" => Encode(client, generation, request, Changed(positions, _ => -1)),
            "a partition missing" => Encode(client, generation, request, positions.Skip(1).ToDictionary()),
            "an unknown partition" => Encode(client, generation, request, positions.Append(new(city.Log.Partitions.Governance, 0)).ToDictionary()),
            "another generation" => Encode(client, Guid.NewGuid(), request, positions),
            "other fields" => Encode(client, generation, Query(fields: ["title"]), positions),
            "another filter" => Encode(client, generation, Query(filter: "calls = 1"), positions),
            "another purpose" => Encode(client, generation, Query(purpose: Exchange.Catalog.Purpose.Analysis), positions),
            _ => Encode(client, generation, Query(resource: "petition"), positions),
        };

        Assert.Equal((code, reason), await RefusalAsync(wanted => wanted.Checkpoint = text));
    }

    [Fact]
    public async Task A_refused_follow_stands_in_the_trail()
    {
        var before = await RefusalsAsync();

        await RefusalAsync(request =>
        {
            request.Fields.Add(["title", "colour of 13812345678"]);
            request.Filter = "title = \"13812345678\"";
        });

        Assert.Equal(before + 1, await RefusalsAsync());
        Assert.Equal(0L, await city.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE type LIKE 'read-%' AND position(convert_to('13812345678', 'UTF8') in payload) > 0"));
    }

    private static FollowRequest Request() => new() { Resource = "resources/complaint", Purpose = Protos.V1.Purpose.Regulation };

    private static byte[] Query(
        string resource = "complaint", string[]? fields = null, string filter = "", Exchange.Catalog.Purpose purpose = Exchange.Catalog.Purpose.Regulation) =>
        ReadFingerprint.Compute(new ResourceId(resource), fields ?? [], filter, purpose);

    private static Dictionary<int, long> Changed(Dictionary<int, long> positions, Func<long, long> change)
    {
        var first = positions.First();
        return positions.ToDictionary(p => p.Key, p => p.Key == first.Key ? change(p.Value) : p.Value);
    }

    private static Exchange.Catalog.ResourceDefinition SubjectOf(string id, Exchange.Catalog.SharingClass first, Exchange.Catalog.SharingClass second) =>
        new(new ResourceId(id), 1, [Field(1, "first", first), Field(2, "second", second)]) { Department = City.Centre.Department };

    private static Exchange.Catalog.FieldDefinition Field(int number, string name, Exchange.Catalog.SharingClass sharing) => City.Fields[0] with
    {
        Number = number,
        Name = name,
        SharingClass = sharing,
        Owner = new Exchange.Catalog.OwnerRule.Department(City.Centre.Department),
    };

    private string Encode(ClientId client, Guid generation, byte[] request, Dictionary<int, long> positions) =>
        city.Hub.Services.GetRequiredService<CheckpointCodec>().Encode(client, generation, request, new ReadMark(positions, new byte[16]));

    private Task<long> RefusalsAsync() => city.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE type = 'read-refused'");

    private async Task FollowAsync(Caller caller, Action<FollowRequest> change)
    {
        var request = Request();
        change(request);
        using var call = city.FeedOf(caller).Follow(request);
        await call.ResponseStream.MoveNext(CancellationToken.None);
    }

    private Task<(StatusCode Code, string Reason)> RefusalAsync(Action<FollowRequest> change) => TestStatus.RefusalOf(() => FollowAsync(City.Archive, change));
}
