using System.Diagnostics;
using Exchange.EventStore;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Feed;
using Exchange.Server.Tests.Records;
using Exchange.Server.Tests.Records.Pull;
using Google.Rpc;
using Grpc.Core;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Faults;

/// <summary>
/// Reliability I1 at the hub: before the database's volume is full, writes are refused and reads, with their audit, go on; when there is room again, so
/// are writes, without anybody's doing.
/// </summary>
public sealed class DiskNearlyFullTests
{
    private const long Mebibyte = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Below_the_watermark_writes_are_refused_reads_go_on_and_writes_come_back_by_themselves()
    {
        var disk = new Disk();
        await using var city = new CityHub { Settings = new() { Options = options => options with { DiskSpace = disk } } };
        await city.InitializeAsync();
        var header = city.Header(City.Centre, "title");
        var first = await city.PushAsync(City.Centre, header, Own("before", Text("a")));
        var name = $"resources/complaint/records/{first.Results[0].RecordId}";
        using var following = await Follower.BeginAsync(city.FeedOf(City.Archive), Follow());

        disk.Free = 300 * Mebibyte;
        var refused = await UntilRefusedAsync(() => city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("until", Text("a"))));

        Assert.Equal((StatusCode.ResourceExhausted, "DISK_NEARLY_FULL"), (refused.StatusCode, refused.Reason()));
        Assert.Equal("the hub's storage is nearly full: reads go on, writes do not; retry later, or ask the hub's operator to make room", refused.Status.Detail);
        Assert.True(refused.Detail<RetryInfo>()!.RetryDelay.ToTimeSpan() > TimeSpan.Zero);
        using (var push = city.RecordsOf(City.Centre).Push())
        {
            await push.RequestStream.WriteAsync(new PushRequest { Header = city.Header(City.Centre, "title") });
            await push.RequestStream.WriteAsync(new PushRequest { Batch = new PushedBatch { Sequence = 1, Records = { Own("during", Text("a")) } } });
            Assert.Equal((StatusCode.ResourceExhausted, "DISK_NEARLY_FULL"), await TestStatus.RefusalOf(() => push.ResponseStream.MoveNext(CancellationToken.None)));
        }

        Assert.Equal((StatusCode.ResourceExhausted, "DISK_NEARLY_FULL"), await TestStatus.RefusalOf(() => RegisterAsync(city, "too-late")));
        await ReadsGoOnAsync(city, name);

        // Room again: the same push, under the same id, as a client would repeat it.
        disk.Free = 2048 * Mebibyte;
        var accepted = await UntilAcceptedAsync(() => city.PushAsync(City.Centre, header, Own("before", Text("a"))));
        Assert.Equal(first, accepted);
        var after = await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("after", Text("a")));
        Assert.Equal(RecordOutcome.Accepted, after.Results[0].Outcome);
        await RegisterAsync(city, "in-time");
        await following.ReadUntilAsync(() => following.Records.ContainsKey(Guid.Parse(after.Results[0].RecordId)));
        Assert.Equal(0L, await city.ScalarAsync<long>("SELECT count(*) FROM subject.complaint WHERE source_id = 'during'"));
    }

    [Fact]
    public async Task When_not_even_audit_can_be_written_nobody_reads()
    {
        var disk = new Disk();
        await using var city = new CityHub { Settings = new() { Options = options => options with { DiskSpace = disk } } };
        await city.InitializeAsync();
        var receipt = await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own("before", Text("a")));
        var name = $"resources/complaint/records/{receipt.Results[0].RecordId}";
        await ReadsGoOnAsync(city, name);
        var rows = await city.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE type = 'read-completed'");

        disk.Free = 50 * Mebibyte;
        var refused = await UntilRefusedAsync(() => city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation }).ResponseAsync);

        Assert.Equal((StatusCode.Unavailable, "AUDIT_UNAVAILABLE"), (refused.StatusCode, refused.Reason()));
        Assert.Equal((StatusCode.Unavailable, "AUDIT_UNAVAILABLE"), await TestStatus.RefusalOf(() => Pulled.AllOf(city.RecordsOf(City.Archive).Pull(Pull()))));
        Assert.Equal((StatusCode.Unavailable, "AUDIT_UNAVAILABLE"), await TestStatus.RefusalOf(() => Follower.BeginAsync(city.FeedOf(City.Archive), Follow())));
        disk.Free = 2048 * Mebibyte;
        await UntilAcceptedAsync(() => city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation }).ResponseAsync);
        Assert.True(await city.ScalarAsync<long>("SELECT count(*) FROM log.event WHERE type = 'read-completed'") >= rows);
    }

    private static PullRequest Pull() =>
        new() { Resource = "resources/complaint", Fields = { "title" }, Filter = "source_id = \"before\"", Purpose = Purpose.Regulation };

    private static FollowRequest Follow() => new() { Resource = "resources/complaint", Fields = { "title" }, Purpose = Purpose.Regulation };

    // With their audit: an intent and an outcome each.
    private static async Task ReadsGoOnAsync(CityHub city, string name)
    {
        const string CountAudit = "SELECT count(*) FROM log.event WHERE type = 'read-intended'";
        var before = await city.ScalarAsync<long>(CountAudit);
        var records = city.RecordsOf(City.Archive);
        Assert.Single((await Pulled.AllOf(records.Pull(Pull()))).Rows);
        Assert.Equal(name, (await records.GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation })).Name);
        Assert.NotEmpty((await records.GetRecordHistoryAsync(new GetRecordHistoryRequest { Name = name, Purpose = Purpose.Regulation })).Entries);
        using (await Follower.BeginAsync(city.FeedOf(City.Archive), Follow()))
        {
            Assert.Equal(before + 4, await city.ScalarAsync<long>(CountAudit));
        }

        await city.ClientOf(City.Archive).SignInAsync();
        Assert.Single((await new CatalogService.CatalogServiceClient(city.ClientOf(City.Archive).Invoker).ListResourcesAsync(new ListResourcesRequest())).Resources);
    }

    private static async Task RegisterAsync(CityHub city, string department) => await new DepartmentsService.DepartmentsServiceClient(city.Hub.Operator.Invoker)
        .CreateDepartmentAsync(new CreateDepartmentRequest
        {
            DepartmentId = department,
            Department = new Department { DisplayName = department, Level = AdministrativeLevel.City },
        });

    // The hub looks at the disk twice a second.
    private static async Task<RpcException> UntilRefusedAsync(Func<Task> call)
    {
        var began = Stopwatch.StartNew();
        while (began.Elapsed < Patience)
        {
            try
            {
                await call();
            }
            catch (RpcException e)
            {
                return e;
            }

            await Task.Delay(20);
        }

        throw new TimeoutException("the disk is nearly full and nobody noticed");
    }

    private static async Task<T> UntilAcceptedAsync<T>(Func<Task<T>> call)
    {
        var began = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (RpcException) when (began.Elapsed < Patience)
            {
                await Task.Delay(20);
            }
        }
    }

    private sealed class Disk : IDiskSpace
    {
        private long free = 1L << 40;

        public long Free
        {
            set => Volatile.Write(ref free, value);
        }

        public long? FreeBytes() => Volatile.Read(ref free);
    }
}
