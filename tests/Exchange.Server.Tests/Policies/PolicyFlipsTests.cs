using System.Collections.Concurrent;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Records;
using Grpc.Core;
using static Exchange.Server.Tests.Policies.Rows;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Policies;

/// <summary>Policies that change while many read, on two nodes: whoever reads gets the answers of one policy, never some of each.</summary>
public sealed class PolicyFlipsTests : IAsyncLifetime
{
    private const int Readers = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly CityHub city = new();
    private readonly ConcurrentDictionary<string, int> answers = new();
    private readonly SemaphoreSlim answered = new(0);

    public ValueTask InitializeAsync() => city.InitializeAsync();

    public ValueTask DisposeAsync()
    {
        answered.Dispose();
        return city.DisposeAsync();
    }

    [Fact]
    public Task While_a_row_flips_every_answer_is_that_of_one_policy() => FlipAsync(100);

    [Fact]
    [Trait("Stage", "Full")]
    public Task While_a_row_flips_a_thousand_times_every_answer_is_that_of_one_policy() => FlipAsync(1_000);

    private async Task FlipAsync(int flips)
    {
        var other = await city.Hub.StartSecondNodeAsync();
        var opened = await city.PushAsync(
            City.Centre, city.Header(City.Centre, "title", "calls"), Own("flipping", Text("lamp"), new Value { Integer = 3 }));
        var record = $"resources/complaint/records/{Assert.Single(opened.Results).RecordId}";
        await SetAsync("title");
        while ((await OfPlanAsync(city.ClientOf(City.Archive).InvokerOn(other))).Count is not 1)
        {
            // The other node may decide by what it knew a second ago: before the first flip that is no row.
        }

        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, Readers).Select(number => Task.Run(() => ReadAsync(number % 2 is 0 ? city.Hub : other, number % 4 < 2, record, done.Token))).ToList();
        for (var flip = 1; flip <= flips; flip++)
        {
            await SetAsync(flip % 2 is 0 ? "title" : "calls");

            // Not faster than somebody reads.
            Assert.True(await answered.WaitAsync(Patience));
        }

        await done.CancelAsync();
        await Task.WhenAll(readers).WaitAsync(Patience);

        // Forbidden is one of the two, always: neither and both would be a mixture.
        Assert.Equal(["plan: calls", "plan: title", "record: calls", "record: title"], answers.Keys.Order(StringComparer.Ordinal));
        Assert.True(answers.Values.Sum() >= flips);
    }

    private async Task SetAsync(string forbidden) => await city.Hub.SetRowAsync(
        Row("flipping", PolicyEffect.Deny, "departments/archive", $"resources/complaint/fields/{forbidden}"));

    private async Task ReadAsync(TestHub node, bool wantsRecord, string record, CancellationToken done)
    {
        var invoker = city.ClientOf(City.Archive).InvokerOn(node);
        while (!done.IsCancellationRequested)
        {
            try
            {
                var shown = wantsRecord ? await OfRecordAsync(invoker, record) : await OfPlanAsync(invoker);
                answers.AddOrUpdate($"{(wantsRecord ? "record" : "plan")}: {string.Join(' ', shown)}", 1, (_, count) => count + 1);
                answered.Release();
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable && e.Reason() is "PLAN_CHANGED")
            {
                // Five policies during one read: no answer is as good as one.
            }
        }
    }

    private static async Task<List<string>> OfRecordAsync(CallInvoker invoker, string record)
    {
        var read = await new RecordsService.RecordsServiceClient(invoker).GetRecordAsync(new GetRecordRequest { Name = record, Purpose = Purpose.Regulation });
        return [.. read.Values.Select(value => value.Field).Where(field => field is "title" or "calls")];
    }

    private static async Task<List<string>> OfPlanAsync(CallInvoker invoker)
    {
        var plan = await new AccessService.AccessServiceClient(invoker).GetAccessPlanAsync(new GetAccessPlanRequest { Resource = "resources/complaint", Purpose = Purpose.Regulation });
        return [.. plan.Fields.Where(field => field.Field is "title" or "calls" && field.Rules[0].Allow).Select(field => field.Field)];
    }
}
