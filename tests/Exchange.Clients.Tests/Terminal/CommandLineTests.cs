using Exchange.Cli;
using Exchange.Cli.Terminal;

namespace Exchange.Clients.Tests.Terminal;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("frobnicate")]
    [InlineData("pull complaint")]
    [InlineData("pull complaint --purpose curiosity")]
    [InlineData("pull complaint extra --purpose research")]
    [InlineData("get complaint/1 --purpose research --as-of-time yesterday")]
    [InlineData("catalog --json")]
    public async Task A_wrong_command_line_ends_with_the_exit_code_for_it(string line)
    {
        Assert.Equal(ExitCode.Usage, await CommandLine.RunAsync(line.Split(' ')));
    }

    [Theory]
    [InlineData("frobnicate", "`frobnicate` is not known here\nsee: exchange --help")]
    [InlineData("log frobnicate", "`frobnicate` is not known here\nsee: exchange log --help")]
    [InlineData("log show x", "Cannot parse argument 'x' for command 'show' as expected type 'System.Int32'\nsee: exchange log show --help")]
    [InlineData("pull complaint", "Option '--purpose' is required\nsee: exchange pull --help")]
    public void What_is_wrong_is_said_in_a_line_with_where_to_read_on(string line, string expected)
    {
        Assert.Equal(expected, UsageMessage.Of(CommandLine.Create().Parse(line), isJson: false));
    }

    [Fact]
    public void For_machines_it_is_an_object()
    {
        Assert.Equal(
            """{"error":"USAGE","message":"`frobnicate` is not known here"}""", UsageMessage.Of(CommandLine.Create().Parse("frobnicate --json"), isJson: true));
    }
}
