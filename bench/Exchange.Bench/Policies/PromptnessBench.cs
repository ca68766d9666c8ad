using System.Diagnostics;
using Exchange.Bench.Hubs;
using Exchange.Bench.Reporting;
using Exchange.Clients;
using Exchange.Clients.Feed;
using Exchange.Clients.Identity;
using Exchange.Protos.V1;

namespace Exchange.Bench.Policies;

/// <summary>
/// A policy row that changes on one node of a hub: until another node decides under it and an open stream there has been told. The clock runs from the
/// acknowledgement.
/// </summary>
internal static class PromptnessBench
{
    private const string Department = "bench-told";
    private const string RowId = "bench-told";
    private const double LongestMilliseconds = 1_000;
    private const int WarmUps = 1;

    // It has a mask by default, which the row takes away and gives back.
    private const string Field = "text_10";

    private static readonly BenchResource Resource = new("told");

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(BenchStage stage, CancellationToken cancellationToken)
    {
        await using var hub = await stage.StartHubAsync("told", cancellationToken);
        await hub.PublishAsync(Resource, cancellationToken);
        var operatorKey = ClientKey.FromPem(await File.ReadAllTextAsync(Path.Combine(hub.Process.DataDirectory, "operator-key.pem"), cancellationToken));
        await using var here = Connect(hub.Process, "operator", operatorKey);
        await here.Departments.CreateAsync(
            new Department { Name = $"departments/{Department}", DisplayName = Department, DisplayNameZh = Department, Level = AdministrativeLevel.City }, cancellationToken);
        var key = ClientKey.Create();
        await here.Identity.CreateAsync(
            $"departments/{Department}",
            Department,
            new Client { DisplayName = Department, Authentication = ClientAuthentication.PrivateKeyJwt, Jwks = key.ToJwks(), Role = Role.DepartmentSystem },
            cancellationToken);
        await using var node = await stage.StartNodeAsync(hub, "told-other", cancellationToken);
        await using var there = Connect(node, Department, key);
        await using var feed = await there.Feed.FollowAsync(new FollowRequest { Resource = Resource.Name, Purpose = Purpose.Analysis, Fields = { Field } }, new MemoryCheckpointStore(), cancellationToken);
        await using var messages = feed.GetAsyncEnumerator(cancellationToken);
        var (decided, told) = (new List<BenchRound>(), new List<BenchRound>());
        var longest = 0d;
        var flips = stage.Size(20, 10);
        for (var round = 1 - WarmUps; round <= stage.Rounds; round++)
        {
            var (decidedAfter, toldAfter) = (new List<double>(), new List<double>());
            for (var flip = 0; flip < flips; flip++)
            {
                var isMasked = flip % 2 is 1;
                await here.Policies.SetAsync(Row(isMasked), cancellationToken);
                var acknowledged = Stopwatch.GetTimestamp();
                var after = await Task.WhenAll(
                    AfterAsync(acknowledged, () => DecidesAsync(there, isMasked, cancellationToken)), AfterAsync(acknowledged, () => IsToldAsync(messages, isMasked)));
                decidedAfter.Add(after[0]);
                toldAfter.Add(after[1]);
            }

            if (round > 0)
            {
                longest = Math.Max(longest, decidedAfter.Concat(toldAfter).Max());
                decided.Add(new BenchRound(Statistics.Median(decidedAfter), null));
                told.Add(new BenchRound(Statistics.Median(toldAfter), null));
                stage.Tell("promptness/told", round, told[^1], $"other node decided after {Figures.Of(decided[^1].Hub)} ms, longest of all {Figures.Of(longest)} ms");
            }
        }

        return
        [
            BenchResult.AtMost("promptness/decided-p50", "ms, change to other node", LongestMilliseconds, decided),
            BenchResult.AtMost("promptness/told-p50", "ms, change to open stream", LongestMilliseconds, told),
            BenchResult.AtMost("promptness/told-max", "ms, the longest of both", LongestMilliseconds, [new BenchRound(longest, null)]),
        ];
    }

    private static PolicyRow Row(bool isMasked) => new()
    {
        Name = $"policyRows/{RowId}",
        Subject = $"departments/{Department}",
        Object = $"{Resource.Name}/fields/{Field}",
        Actions = { PolicyAction.Read, PolicyAction.Follow },
        Effect = PolicyEffect.Allow,
        Mask = new Mask { Kind = isMasked ? MaskKind.Null : MaskKind.None },
        Reason = "measured",
    };

    private static ExchangeClient Connect(HubProcess node, string client, ClientKey key) => new(new ExchangeClientOptions
    {
        Address = node.GrpcAddress,
        Credential = ClientCredential.PrivateKey(client, key),
        TokenEndpoint = new Uri(node.HttpAddress, "/connect/token"),
    });

    private static async Task<double> AfterAsync(long acknowledged, Func<Task> happens)
    {
        await happens();
        return Stopwatch.GetElapsedTime(acknowledged).TotalMilliseconds;
    }

    private static async Task DecidesAsync(ExchangeClient client, bool isMasked, CancellationToken cancellationToken)
    {
        while (true)
        {
            var plan = await client.Access.GetAccessPlanAsync(Resource.Name, Purpose.Analysis, cancellationToken);
            var isOpen = plan.Fields.Single(field => field.Field == Field).Rules.Any(static rule => rule.Rules.Contains(RowId) && rule.Mask.Kind is MaskKind.None);
            if (isOpen == !isMasked)
            {
                return;
            }
        }
    }

    // The columns tell of the mask.
    private static async Task IsToldAsync(IAsyncEnumerator<FollowResponse> messages, bool isMasked)
    {
        while (await messages.MoveNextAsync())
        {
            if (messages.Current.Start is { } start && start.Columns[0].Masks.Count > 0 == isMasked)
            {
                return;
            }
        }
    }
}
