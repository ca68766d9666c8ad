using System.Net;
using Exchange.Catalog;
using Exchange.Server.Identity.Users;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Exchange.Server.Tests.Identity.Users;

/// <summary>Lock-out: what keeps a password of twelve characters and a code of six digits from being guessed.</summary>
public sealed class SignInAttemptsTests(UserHub users) : IClassFixture<UserHub>
{
    private readonly TestHub hub = users.It;

    [Fact]
    public async Task Five_wrong_attempts_lock_the_user_on_every_node_also_after_a_restart()
    {
        await using var own = await TestHub.StartAsync("locked");
        var second = await own.StartSecondNodeAsync();
        var user = await TestUser.EnrolledAsync(own, "housing", "guessed-at");
        await user.PassStepAsync();
        for (var i = 0; i < SignInAttempts.MostFailures; i++)
        {
            using var wrong = await user.PostSignInAsync(password: $"wrong password {i}", node: i % 2 is 0 ? own : second);
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var here = await user.PostSignInAsync();
        using var there = await user.PostSignInAsync(node: second);
        await own.RestartAsync();
        using var later = await user.PostSignInAsync();
        await TestUser.ExecuteAsync(own, "UPDATE identity.sign_in SET locked_until = now() + interval '30 seconds'");
        using var almost = await user.PostSignInAsync();
        await PassAsync(own, "30 seconds");
        using var minute = await user.PostSignInAsync();

        Assert.All([here, there, later, almost], answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
        Assert.Equal(HttpStatusCode.Created, minute.StatusCode);
        Assert.Single(own.Log.Lines, line => line.Contains("guessed-at is locked"));
    }

    [Fact]
    public async Task An_attempt_that_found_no_room_or_was_broken_off_locks_nobody()
    {
        const int mostWaiting = 50;
        await using var own = await TestHub.StartAsync("no_room");
        var user = await TestUser.EnrolledAsync(own, "housing", "patient");
        await user.PassStepAsync();
        var signIn = own.Services.GetRequiredService<UserSignIn>();
        using var breakOff = new CancellationTokenSource();
        Task<SessionAnswer>[] waiting;
        SessionAnswer[] refused;

        // Somebody else's password is looked at all the while.
        using (await own.Services.GetRequiredService<UserPasswords>().TakeTurnAsync(TestContext.Current.CancellationToken))
        {
            waiting = [.. Enumerable.Range(0, mostWaiting + 10).Select(_ => signIn.SignInAsync(user.Id, "wrong password", "000000", breakOff.Token))];
            refused = await Task.WhenAll(await FinishedAsync(waiting, 10));
            await breakOff.CancelAsync();
            foreach (var attempt in waiting.Where(attempt => !attempt.IsCompletedSuccessfully))
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => attempt);
            }
        }

        using var right = await user.PostSignInAsync();
        Assert.All(refused, answer => Assert.Equal(503, answer.Status));
        Assert.Equal(HttpStatusCode.Created, right.StatusCode);
        Assert.DoesNotContain(own.Log.Lines, line => line.Contains("is locked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_further_wrong_attempt_locks_for_twice_as_long_up_to_an_hour_and_a_right_one_forgets_them()
    {
        var user = new User { Id = new("patient"), Department = new("housing"), Role = Role.Steward };
        var attempts = hub.Services.GetRequiredService<SignInAttempts>();
        var locks = new List<double>();
        for (var i = 0; i < 14; i++)
        {
            var isLast = i >= SignInAttempts.MostFailures - 1;
            Assert.Equal(isLast ? SignInAttempts.Attempt.Last : SignInAttempts.Attempt.Open, await attempts.BeginAsync("patient", user));
            Assert.True(!isLast || await attempts.BeginAsync("patient", user) is SignInAttempts.Attempt.Locked);
            locks.Add(await MinutesLeftAsync("patient"));
            await PassAsync(hub, "2 hours");
        }

        var forgotten = await attempts.SucceedAsync(user.Id, 7);
        var replayed = await attempts.SucceedAsync(user.Id, 7);
        var next = await attempts.BeginAsync("patient", user);

        Assert.Equal([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60], locks.Select(minutes => Math.Round(minutes)));
        Assert.Equal((true, false, SignInAttempts.Attempt.Open), (forgotten, replayed, next));
    }

    [Fact]
    public async Task Many_attempts_at_once_are_no_more_than_five()
    {
        var second = await hub.StartSecondNodeAsync();
        var user = new User { Id = new("hurried"), Department = new("housing"), Role = Role.Steward };
        SignInAttempts[] nodes = [hub.Services.GetRequiredService<SignInAttempts>(), second.Services.GetRequiredService<SignInAttempts>()];

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => nodes[i % 2].BeginAsync("hurried", user)));

        Assert.Equal(
            (4, 1, 95),
            (answers.Count(a => a is SignInAttempts.Attempt.Open), answers.Count(a => a is SignInAttempts.Attempt.Last), answers.Count(a => a is SignInAttempts.Attempt.Locked)));
    }

    [Fact]
    public async Task Users_that_are_not_there_are_locked_alike_and_do_not_fill_the_table()
    {
        var attempts = hub.Services.GetRequiredService<SignInAttempts>();
        var answers = new List<SignInAttempts.Attempt>();
        for (var i = 0; i < 6; i++)
        {
            answers.Add(await attempts.BeginAsync("nobody", null));
        }

        await Task.WhenAll(Enumerable.Range(0, 1500).Select(i => attempts.BeginAsync($"nobody-{i}", null)));

        Assert.Equal([.. Enumerable.Repeat(SignInAttempts.Attempt.Open, 4), SignInAttempts.Attempt.Last, SignInAttempts.Attempt.Locked], answers);
        Assert.InRange(await NumberAsync("SELECT count(*)::float8 FROM identity.sign_in WHERE user_id LIKE '-%'"), 600, 1024);
    }

    [Fact]
    public async Task Wrong_attempts_are_no_events_of_the_log()
    {
        var user = await TestUser.EnrolledAsync(hub, "housing", "attacked");
        var before = await NumberAsync("SELECT sum(head)::float8 FROM log.log_partition");
        for (var i = 0; i < 7; i++)
        {
            using var wrong = await user.PostSignInAsync(password: "wrong password 1");
        }

        Assert.Equal(before, await NumberAsync("SELECT sum(head)::float8 FROM log.log_partition"));
    }

    private static async Task<IReadOnlyList<Task<T>>> FinishedAsync<T>(Task<T>[] all, int count)
    {
        // Counted and waited for as one look shows them: what ended in between two would be waited for in vain.
        for (Task<T>[] open = all; all.Length - open.Length < count; open = [.. all.Where(one => !one.IsCompleted)])
        {
            await Task.WhenAny(open);
        }

        return [.. all.Where(one => one.IsCompletedSuccessfully)];
    }

    private static Task PassAsync(TestHub node, string time) => TestUser.ExecuteAsync(node, $"UPDATE identity.sign_in SET locked_until = locked_until - interval '{time}'");

    private Task<double> MinutesLeftAsync(string user) =>
        NumberAsync($"SELECT coalesce(extract(epoch FROM locked_until - now()) / 60, 0)::float8 FROM identity.sign_in WHERE user_id = '{user}'");

    private async Task<double> NumberAsync(string statement)
    {
        await using var command = hub.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(statement);
        return (double)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
