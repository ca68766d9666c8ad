using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Clients;

public sealed class ProposalsCommandTests : IAsyncLifetime
{
    private CommandLineHub _hub = null!;
    private string[] _hotline = [];
    private string[] _housing = [];

    public async ValueTask InitializeAsync()
    {
        _hub = await CommandLineHub.StartAsync("client_cli_proposals");
        (_hotline, _housing) = (await _hub.CallerAsync("hotline"), await _hub.CallerAsync("housing"));
        await _hub.WriteAsync("theirs.yaml", CommandLineHub.Mapping.Replace("      title: title\n", "", StringComparison.Ordinal) + "\n      title: title\n");
        Assert.Equal(4, (await _hub.RunAsync(_hotline, "push", "tickets.csv", "-m", "m.yaml", "--part", "intake")).ExitCode);
        await _hub.WriteAsync("theirs.csv", "no,at,title,office,status\n1,2024-05-01 08:00,Leak in the yard,H,done\n");
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_push_proposes_and_the_owner_lists_shows_and_accepts_what_was_proposed()
    {
        var refused = await _hub.RunAsync(_housing, "push", "theirs.csv", "-m", "theirs.yaml", "--part", "handling", "--purpose", "public-service");
        var rejects = await _hub.LinesOfAsync("theirs.csv.rejects.csv");
        var proposed = await _hub.RunAsync(_housing, "push", "theirs.csv", "-m", "theirs.yaml", "--part", "handling", "--purpose", "public-service", "--propose");
        var listed = await _hub.RunAsync(_hotline, "proposals", "list", "hotline", "--state", "open", "--json");
        var name = Proposal.Parser.ParseJson(Assert.Single(listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))).Name;
        var shown = await _hub.RunAsync(_hotline, "proposals", "show", name, "--purpose", "public-service");
        var accepted = await _hub.RunAsync(_hotline, "proposals", "accept", name, "--fields", "title", "--json");
        var late = await _hub.RunAsync(_housing, "proposals", "withdraw", name);
        var made = await _hub.RunAsync(_housing, "proposals", "list", "housing", "--made");

        Assert.Equal((4, 0), (refused.ExitCode, proposed.ExitCode));
        Assert.Contains("FIELD_NOT_OWNED", rejects[1], StringComparison.Ordinal);
        Assert.Contains("Leak in the yard", shown.Output, StringComparison.Ordinal);
        Assert.Equal(ProposalState.Accepted, Proposal.Parser.ParseJson(accepted.Output).State);
        Assert.NotEqual(0, late.ExitCode);
        Assert.Contains("WRONG_STATE", late.Error, StringComparison.Ordinal);
        Assert.Contains("Accepted", made.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_disputes_a_value_and_the_owner_declines_with_a_reason()
    {
        var pulled = await _hub.RunAsync(_housing, "pull", "complaint", "--purpose", "public-service", "--fields", "title", "--json");
        var id = pulled.Output[(pulled.Output.IndexOf("_record_id\":\"", StringComparison.Ordinal) + 13)..][..36];

        var disputed = await _hub.RunAsync(
            _housing, "proposals", "dispute", $"complaint/{id}", "--field", "title", "--read-version", "1", "--purpose", "public-service", "--reason", "another street", "--text", "East 3rd", "--json");
        var name = Proposal.Parser.ParseJson(disputed.Output).Name;
        var declined = await _hub.RunAsync(_hotline, "proposals", "decline", name, "--reason", "it is right");
        var shown = await _hub.RunAsync(_housing, "proposals", "show", name, "--purpose", "public-service");

        Assert.All([disputed, declined, shown], run => Assert.True(run.ExitCode is 0, run.Error));
        Assert.Contains("it is right", shown.Output, StringComparison.Ordinal);
        Assert.Contains("East 3rd", shown.Output, StringComparison.Ordinal);
    }
}
