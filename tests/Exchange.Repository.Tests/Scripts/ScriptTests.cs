namespace Exchange.Repository.Tests.Scripts;

/// <summary>What a user and the build machine rely on in `exchange` and the pages it uses.</summary>
public sealed class ScriptTests
{
    private const string Results = """
        <?xml version="1.0"?><assemblies><assembly name="a.dll" errors="0" failed="1" passed="2" skipped="1" time="1.5" total="4"><collection failed="1" passed="2">
        <test id="1" name="A.Passes" result="Pass" time="0"></test>
        <test id="2" name="A.Fails(text: \&quot;&lt;b&gt;\&quot;)" result="Fail"><failure><message><![CDATA[result="Skip"]]></message></failure></test>
        <test id="3" name="A.Waits" result="Skip"><reason><![CDATA[needs <npm> &
        more]]></reason></test></collection></assembly></assemblies>
        """;

    [Fact]
    public async Task Results_of_several_projects_are_added_up_and_a_crashed_one_counts_as_failed()
    {
        var (_, output) = await SummariseAsync("crashed=1", Results + Results.Replace("errors=\"0\"", "errors=\"2\""));

        Assert.Equal("4 5 2", output.Trim());
    }

    [Fact]
    public async Task Skipped_tests_are_listed_with_their_reason_and_failed_ones_by_name()
    {
        var (_, output) = await SummariseAsync("list=1", Results);

        Assert.Equal(["FAILED: A.Fails(text: \"<b>\")", "skipped: A.Waits: needs <npm> & more"], output.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_test_project_that_does_not_exist_is_refused_with_those_that_do()
    {
        var (exitCode, output) = await Checkout.RunAsync(".", Path.Combine(Checkout.Root, "exchange"), "test", "no-such-project");

        Assert.Equal(1, exitCode);
        Assert.Contains("Exchange.Repository.Tests", output);
    }

    [Fact]
    public async Task Help_tells_the_commands_of_the_readme()
    {
        var (exitCode, output) = await Checkout.RunAsync("tests", Path.Combine(Checkout.Root, "exchange"), "help");

        Assert.Equal(0, exitCode);
        Assert.All(["demo", "serve", "test", "bench"], command => Assert.Contains($"\n  {command} ", output));
    }

    private static async Task<(int ExitCode, string Output)> SummariseAsync(string variable, string results)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, results);
            return await Checkout.RunAsync("tests", "awk", "-v", variable, "-f", "summary.awk", file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
