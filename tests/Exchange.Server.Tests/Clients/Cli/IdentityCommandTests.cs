using System.Text.Json;
using Exchange.Server.Tests.Identity.Users;
using OtpNet;

namespace Exchange.Server.Tests.Clients;

/// <summary>People at the command line.</summary>
public sealed class IdentityCommandTests : IAsyncLifetime
{
    private CommandLineHub _hub = null!;
    private string[] _operator = [];
    private string[] _place = [];

    public async ValueTask InitializeAsync()
    {
        _hub = await CommandLineHub.StartAsync("client_cli_identity");
        _operator = await _hub.OperatorAsync();
        _place = _operator[4..];
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_new_user_enrols_signs_in_acts_and_signs_out()
    {
        var created = await _hub.RunAsync(_operator, "identity", "users", "create", "housing", "wang-li", "--role", "steward", "--name", "Catalog desk");
        var secret = "";
        var enrolled = await RunAsync(
            async (output, input) =>
            {
                await input.WriteLineAsync(created.Output.Trim());
                using var told = JsonDocument.Parse((await output.ReadLineAsync())!);
                secret = told.RootElement.GetProperty("totp_secret").GetString()!;
                await input.WriteLineAsync(TestUser.Password);
                await input.WriteLineAsync(Code(secret));
            },
            "identity", "enrol", "--user", "wang-li", "--json");
        var early = await RunAsync("departments", "list", "--user", "wang-li");
        var wrong = await SignInAsync("wrong password 1", secret);
        await TestUser.ExecuteAsync(_hub.Hub.Hub, "UPDATE identity.sign_in SET last_step = 0");
        var signedIn = await SignInAsync(TestUser.Password, secret);
        var file = Assert.Single(Directory.GetFiles(_hub.PathOf("config"), "*", SearchOption.AllDirectories));
        var mode = OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(file);
        var acted = await RunAsync(
            "policy", "set", "status-for-all", "--effect", "permit", "--who", "*", "--what", "resources/complaint/fields/status", "--department", "housing", "--reason", "a trial", "--user", "wang-li", "--json");
        var history = await RunAsync("policy", "history", "--user", "wang-li", "--json");
        var sessions = await RunAsync("identity", "users", "sessions", "housing", "wang-li", "--user", "wang-li", "--json");
        var both = await RunAsync("departments", "list", "--user", "wang-li", "--client", "operator");
        var signedOut = await RunAsync("identity", "sign-out", "--user", "wang-li");
        var late = await RunAsync("departments", "list", "--user", "wang-li");

        Assert.All([created, enrolled, signedIn, history, sessions, signedOut], run => Assert.True(run.ExitCode is 0, run.Error));
        Assert.True(acted.ExitCode is 0, acted.Error);
        Assert.Equal((2, 1, 2, 2), (early.ExitCode, wrong.ExitCode, both.ExitCode, late.ExitCode));
        Assert.Contains("identity sign-in --user wang-li", early.Error);
        Assert.Contains("SIGN_IN_REFUSED", wrong.Error);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
        Assert.Equal("users/wang-li", history.Json[0].GetProperty("client").GetString());
        Assert.Equal("departments/housing/users/wang-li/sessions", Assert.Single(sessions.Json).GetProperty("name").GetString()![..42]);
        Assert.Empty(Directory.GetFiles(_hub.PathOf("config"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Operators_list_users_end_their_sessions_give_new_codes_and_disable_them()
    {
        var user = await TestUser.EnrolledAsync(_hub.Hub.Hub, "housing", "zhao-min");
        var session = await user.SignInAsync();

        var listed = await _hub.RunAsync(_operator, "identity", "users", "list", "housing");
        var ended = await _hub.RunAsync(_operator, "identity", "users", "end-sessions", "housing", "zhao-min", "--json");
        var reset = await _hub.RunAsync(_operator, "identity", "users", "reset", "housing", "zhao-min");
        var disabled = await _hub.RunAsync(_operator, "identity", "users", "disable", "housing", "zhao-min");
        var again = await _hub.RunAsync(_operator, "identity", "users", "reset", "housing", "zhao-min");

        Assert.All([listed, ended, reset, disabled], run => Assert.True(run.ExitCode is 0, run.Error));
        Assert.Contains("zhao-min", listed.Output);
        Assert.Equal(1, ended.Json[0].GetProperty("ended_count").GetInt32());
        Assert.Null(await user.TokenAsync(session));
        Assert.Matches("^([A-Z2-7]{5}-){4}[A-Z2-7]{5}\\s*$", reset.Output);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("USER_DISABLED", again.Error);
    }

    [Fact]
    public async Task What_is_not_given_is_asked_for_by_name()
    {
        var missing = await RunAsync((_, _) => Task.CompletedTask, "identity", "sign-in", "--user", "wang-li");
        var nobody = await RunAsync("identity", "sign-in");

        Assert.Equal((2, 2), (missing.ExitCode, nobody.ExitCode));
        Assert.Contains("password is missing", missing.Error);
        Assert.Contains("--user", nobody.Error);
    }

    private static string Code(string secret) => new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp();

    private Task<CliProcess> SignInAsync(string password, string secret) => RunAsync(
        async (_, input) =>
        {
            await input.WriteLineAsync(password);
            await input.WriteLineAsync(Code(secret));
        },
        "identity", "sign-in", "--user", "wang-li");

    private Task<CliProcess> RunAsync(params string[] arguments) => RunAsync((_, _) => Task.CompletedTask, arguments);

    private Task<CliProcess> RunAsync(Func<StreamReader, StreamWriter, Task> talk, params string[] arguments) =>
        CliProcess.TalkAsync(_hub.Folder, _hub.PathOf("config"), talk, [.. arguments, .. _place]);
}
