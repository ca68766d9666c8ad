using Exchange.EventStore;
using Exchange.EventStore.Appending;
using Exchange.Protos.Stored.V1;
using Exchange.Protos.V1;
using Exchange.Server.Governance;
using Exchange.Server.Tests.Governance;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Exchange.Server.Tests.Policies.Rows;

namespace Exchange.Server.Tests.Policies;

public sealed class PolicyHistoryTests(GovernanceHub hub) : IClassFixture<GovernanceHub>
{
    private const int Changes = 3_000;

    [Fact]
    public async Task A_page_of_a_long_history_needs_nothing_of_the_log_but_the_piece_that_its_token_names()
    {
        var log = hub.It.Services.GetRequiredService<EventLog>();
        var appended = await AppendAsync(log, "long-history");
        Assert.Equal(Changes, (await AllAsync("policyRows/long-history")).Count);
        Assert.Equal(Changes, (await AllAsync("")).Count);

        // 1 500 changes on, what lies before the page and beyond what one page may look at is damaged: whoever looks there fails.
        var (ofRow, ofAll) = (await AfterAsync("policyRows/long-history", 1_500), await AfterAsync("", 1_500));
        await DamageAsync(log.Partitions.Governance, appended + 1_500, appended + 2_600);

        foreach (var (row, token) in new[] { ("policyRows/long-history", ofRow), ("", ofAll) })
        {
            var page = await PageAsync(row, 500, token);
            Assert.Equal(Enumerable.Range(1_501, 500).Select(number => $"change {number}"), page.Changes.Select(change => change.Reason));
            Assert.Equal(500, (await PageAsync(row, 500, page.NextPageToken)).Changes.Count);
            await Assert.ThrowsAsync<RpcException>(() => PageAsync(row, 500, ""));
        }
    }

    // Set and removed by turns: 3 000 commits in one.
    private static async Task<long> AppendAsync(EventLog log, string id)
    {
        var stream = GovernanceStreams.PolicyRow(new(id));
        var row = Row(id, PolicyEffect.Deny, "departments/roads", "*");
        NewEvent Event(int number) => number % 2 is 1
            ? new(stream, GovernanceEventTypes.PolicyRowSet, new PolicyRowSet { Row = row.With(r => r.Reason = $"change {number}") }.ToByteArray())
            : new(stream, GovernanceEventTypes.PolicyRowRemoved, new PolicyRowRemoved { Name = row.Name, Row = row, Reason = $"change {number}", Time = new() }.ToByteArray());
        var appended = await log.AppendAsync(
            new AppendSubmission { Units = [new EventUnit(log.Partitions.Governance, [.. Enumerable.Range(1, Changes).Select(Event)]) { Caller = "roads", Client = "roads-steward" }] },
            TestContext.Current.CancellationToken);
        Assert.Null(appended.Refusal);
        return appended.Units[0].FirstPosition - 1;
    }

    private async Task<List<PolicyChange>> AllAsync(string row)
    {
        List<PolicyChange> all = [];
        for (var token = ""; ;)
        {
            var page = await PageAsync(row, 500, token);
            all.AddRange(page.Changes);
            if ((token = page.NextPageToken).Length is 0)
            {
                return all;
            }
        }
    }

    private async Task<string> AfterAsync(string row, int count)
    {
        var token = "";
        for (var left = count; left > 0;)
        {
            var page = await PageAsync(row, Math.Min(left, 500), token);
            (token, left) = (page.NextPageToken, left - page.Changes.Count);
        }

        return token;
    }

    private Task<ListPolicyChangesResponse> PageAsync(string row, int size, string token) => PoliciesOf(hub.It.Operator)
        .ListPolicyChangesAsync(new ListPolicyChangesRequest { PolicyRow = row, PageSize = size, PageToken = token }).ResponseAsync;

    private async Task DamageAsync(int partition, long through, long beyond)
    {
        await using var source = NpgsqlDataSource.Create(hub.It.Options.ConnectionString!);
        await using var command = source.CreateCommand("UPDATE log.event SET payload = '\\xff' WHERE partition = $1 AND (position <= $2 OR position > $3)");
        command.Parameters.Add(new() { Value = partition });
        command.Parameters.Add(new() { Value = through });
        command.Parameters.Add(new() { Value = beyond });
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
