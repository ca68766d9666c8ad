using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Protos.V1;
using Exchange.Server.Records.Subjects;
using Exchange.Testing;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Purpose = Exchange.Protos.V1.Purpose;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.Reading;

[Collection(MemoryCollection.Name)]
public sealed class LargeRecordTests(CityHub city) : IClassFixture<CityHub>
{
    private const int Mebibyte = 1024 * 1024;

    [Fact]
    public async Task A_record_of_thousands_of_large_versions_is_read_with_little_memory()
    {
        const int Versions = 2_000;
        var content = new string('x', 30_000);
        for (var from = 1; from <= Versions; from += 80)
        {
            await city.PushAsync(
                City.Centre, city.Header(City.Centre, "title", "content"), [.. Enumerable.Range(from, 80).Select(version => Own("many", Text("many"), Text($"{version} {content}")))]);
        }

        var name = $"resources/complaint/records/{RecordId.Create(City.Complaint, "centre-desk", "many")}";
        using var sampler = new HeldMemory();
        var record = await city.RecordsOf(City.Centre).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation });
        var newest = await HistoryAsync(name, "", 20);
        var next = await HistoryAsync(name, newest.NextPageToken, 20);
        var held = await sampler.StopAsync();

        Assert.Equal(Versions, record.Version);
        Assert.StartsWith($"{Versions} x", record.Values.Single(value => value.Field is "content").Value.Text, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 40).Select(back => (long)(Versions - back)), newest.Entries.Concat(next.Entries).Select(entry => entry.Version));
        Assert.All(newest.Entries.Concat(next.Entries), entry => Assert.StartsWith($"{entry.Version} x", entry.Value.Text, StringComparison.Ordinal));

        // All versions are 60 MiB as they are stored, and twice that as texts.
        Assert.InRange(held, 0, 40 * Mebibyte);
    }

    [Fact]
    public async Task What_does_not_fit_into_a_message_is_refused_with_the_bound_and_pages_of_a_history_end_before_it()
    {
        FieldDefinition[] fields = [.. Enumerable.Range(1, 8).Select(number => City.Fields[0] with { Number = number, Name = $"part{number}", Required = false, Searchable = false, MaxLength = 200_000 })];
        var wide = new ResourceDefinition(new ResourceId("wide"), 1, fields) { Department = City.Centre.Department };
        await city.Hub.Services.GetRequiredService<SubjectTables>().EnsureAsync(wide, CancellationToken.None);
        await city.HappenAsync(new GovernanceEvent.ResourcePublished(wide));
        foreach (var field in fields)
        {
            var header = city.Header(City.Centre, field.Name);
            header.Resource = "resources/wide";
            await city.PushAsync(City.Centre, header, Own("wide", Text(new string('噪', 199_000))));
        }

        var name = $"resources/wide/records/{RecordId.Create(new ResourceId("wide"), "centre-desk", "wide")}";
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation }));
        var part = await city.RecordsOf(City.Archive).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation, Fields = { "part1", "part8" } });
        var first = await HistoryAsync(name, "", 500);
        var second = await HistoryAsync(name, first.NextPageToken, 500);

        Assert.Equal((StatusCode.ResourceExhausted, "ROW_TOO_LARGE"), (refused.StatusCode, refused.Reason()));
        Assert.Contains("4190208 bytes: ask for fewer fields", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(["part1", "part8"], part.Values.Select(value => value.Field));
        Assert.Equal(fields.Reverse().Select(field => field.Name), first.Entries.Concat(second.Entries).Select(entry => entry.Field));
        Assert.InRange(first.CalculateSize(), 2 * Mebibyte, 3 * Mebibyte);
        Assert.Equal("", second.NextPageToken);
        await city.EventsAsync("read-completed", "ROW_TOO_LARGE", TimeSpan.FromSeconds(30));
    }

    private async Task<GetRecordHistoryResponse> HistoryAsync(string name, string token, int size) => await city.RecordsOf(City.Centre).GetRecordHistoryAsync(
        new GetRecordHistoryRequest { Name = name, Purpose = Purpose.Regulation, PageSize = size, PageToken = token });

    /// <summary>The most memory that was in use at once since it was made, beyond what was then.</summary>
    private sealed class HeldMemory : IDisposable
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

        private readonly CancellationTokenSource stop = new();
        private readonly Task<long> sampling;

        public HeldMemory()
        {
            var idle = GC.GetTotalMemory(forceFullCollection: true);
            sampling = Task.Factory.StartNew(
                () =>
                {
                    var most = 0L;
                    while (!stop.IsCancellationRequested)
                    {
                        most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - idle);
                        stop.Token.WaitHandle.WaitOne(Pause);
                    }

                    return most;
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }

        public async Task<long> StopAsync()
        {
            await stop.CancelAsync();
            return await sampling;
        }

        public void Dispose() => stop.Dispose();
    }
}
