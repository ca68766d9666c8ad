using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Server.Governance;

namespace Exchange.Server.Tests.Governance;

public class GovernanceCommandsTests(GovernanceNodes nodes) : IClassFixture<GovernanceNodes>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_wrote_reads_its_write_on_this_node_and_others_follow()
    {
        var (one, two) = (await nodes.StartAsync(), await nodes.StartAsync());

        var registered = await one.RegisterAsync(GovernanceNodes.Department("reads-writes", "rw"));

        Assert.True(one.Store.Current.Departments.ContainsKey("reads-writes"));
        Assert.Equal(registered.Value.CreateTime, one.Store.Current.Departments["reads-writes"].CreateTime);
        var followed = await two.Store.WaitBeyondAsync(one.Store.Current.Position - 1, Cancellation).WaitAsync(Deadline, Cancellation);
        Assert.True(followed.Departments.ContainsKey("reads-writes"));
    }

    [Fact]
    public async Task A_node_that_starts_later_has_everything_before_it_serves()
    {
        var one = await nodes.StartAsync();
        await one.RegisterAsync(GovernanceNodes.Department("early-bird"));

        var late = await nodes.StartAsync();

        Assert.True(late.Store.Current.Departments.ContainsKey("early-bird"));
        Assert.False(late.Store.Confirm().IsRefused);
    }

    [Fact]
    public async Task Of_two_nodes_that_register_one_id_at_once_one_succeeds()
    {
        var (one, two) = (await nodes.StartAsync(), await nodes.StartAsync());

        var results = await Task.WhenAll(Enumerable.Range(0, 20).SelectMany(round => new[] { one, two }.Select(async node =>
            (Id: round, Result: await node.RegisterAsync(GovernanceNodes.Department($"race-{round}", $"race-system-{round}"))))));

        foreach (var pair in results.GroupBy(result => result.Id))
        {
            Assert.Single(pair, result => !result.Result.IsRefused);
            Assert.Single(pair, result => result.Result.Refusal?.Reason == RefusalReason.DepartmentExists);
        }
    }

    [Fact]
    public async Task Two_commands_of_one_transaction_are_decided_one_after_the_other()
    {
        var one = await nodes.StartAsync();

        // All wait in the same queue while the first commits: the second of each pair sees the first's source system.
        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(item =>
            one.RegisterAsync(GovernanceNodes.Department($"queue-{item}", $"queue-system-{item / 2}"))));

        Assert.Equal(20, results.Count(result => !result.IsRefused));
        Assert.All(results.Where(result => result.IsRefused), result => Assert.Equal(RefusalReason.SourceSystemTaken, result.Refusal?.Reason));
    }

    [Fact]
    public async Task A_refused_command_stores_nothing()
    {
        var one = await nodes.StartAsync();
        await one.RegisterAsync(GovernanceNodes.Department("only-once"));
        var position = one.Store.Current.Position;

        var again = await one.RegisterAsync(GovernanceNodes.Department("only-once"));

        Assert.Equal(RefusalReason.DepartmentExists, again.Refusal?.Reason);
        var stored = await one.Log.Reader.ReadPartitionAsync(one.Log.Partitions.Governance, position, 10, Cancellation);
        Assert.DoesNotContain(stored, e => e.StreamId == GovernanceStreams.Department(new("only-once")));
    }

    [Fact]
    public async Task Events_name_who_wrote_them_and_the_position_they_were_decided_under()
    {
        var one = await nodes.StartAsync();
        await one.RegisterAsync(GovernanceNodes.Department("traced"));

        var events = await one.Log.Reader.ReadPartitionAsync(one.Log.Partitions.Governance, 0, 1_000, Cancellation);

        var traced = events.Single(e => e.StreamId == GovernanceStreams.Department(new("traced")));
        Assert.Equal(("department-registered", "hub-operator", "operator", 1L), (traced.Type, traced.Caller, traced.Client, traced.Version));
        Assert.Equal(traced.Position - 1, traced.GovernancePosition);
        Assert.Equal(traced.RecordedAt, one.Store.Current.Departments["traced"].CreateTime);
    }

    [Fact]
    public async Task What_was_decided_on_an_author_counts_for_its_commands_that_wait()
    {
        var one = await nodes.StartAsync();
        await one.RegisterAsync(GovernanceNodes.Department("authors"));
        var client = new ClientRegistration { Id = new("authors-push"), Department = new("authors"), Authentication = ClientAuthentication.ClientSecret, SecretHash = "hash", Role = Role.Steward };
        await one.RegisterAsync(client);
        var user = new User { Id = new("author"), Department = new("authors"), Role = Role.Steward, EnrolmentCodeHash = "hash" };
        await one.Commands.ExecuteAsync(GovernanceNodes.Operator, GovernanceStreams.User(user.Id), (state, now) => UserRules.Create(state, user, now), Cancellation);
        var (machine, person) = (new Caller(client.Department, client.Id, client.Role), user.Caller);

        var before = new[] { await ReasonAsync(machine), await ReasonAsync(person), await ReasonAsync(machine with { Client = new("external/push") }) };
        var other = new[] { await ReasonAsync(machine with { Role = Role.Operator }), await ReasonAsync(person with { Role = Role.Operator }), await ReasonAsync(machine with { Department = new("hub-operator") }) };
        await one.DisableAsync(client);
        await one.Commands.ExecuteAsync(GovernanceNodes.Operator, GovernanceStreams.User(user.Id), (state, now) => UserRules.Disable(state, user.Department, user.Id, now), Cancellation);

        Assert.Equal(["", "", ""], before);
        Assert.All(other, reason => Assert.Equal("TOKEN_INVALID", reason));
        Assert.Equal(("CLIENT_DISABLED", "USER_DISABLED"), (await ReasonAsync(machine), await ReasonAsync(person)));

        async Task<string> ReasonAsync(Caller author)
        {
            var decided = await one.Commands.ExecuteAsync<Department>(
                author, GovernanceStreams.Department(author.Department), (state, _) => new GovernanceDecision<Department>(state.Departments["authors"], null), Cancellation);
            return decided.Refusal?.Reason.Code ?? "";
        }
    }

    [Fact]
    public async Task A_disabled_client_may_soon_not_act_on_any_node()
    {
        var (one, two) = (await nodes.StartAsync(), await nodes.StartAsync());
        await one.RegisterAsync(GovernanceNodes.Department("disabling"));
        var client = new ClientRegistration
        {
            Id = new("disabling-push"),
            Department = new("disabling"),
            Authentication = ClientAuthentication.ClientSecret,
            SecretHash = "hash",
            Role = Role.DepartmentSystem,
        };
        await one.RegisterAsync(client);
        await two.Store.WaitBeyondAsync(one.Store.Current.Position - 1, Cancellation).WaitAsync(Deadline, Cancellation);
        Assert.Equal(false, two.Clients.Find(client.Id)?.IsDisabled);

        var began = TimeProvider.System.GetTimestamp();
        await one.DisableAsync(client);
        Assert.Equal(true, one.Clients.Find(client.Id)?.IsDisabled);
        await two.Store.WaitBeyondAsync(one.Store.Current.Position - 1, Cancellation).WaitAsync(Deadline, Cancellation);

        Assert.Equal(true, two.Clients.Find(client.Id)?.IsDisabled);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }
}
