namespace Exchange.Bench.Tests;

/// <summary>What the command line may say.</summary>
public sealed class BenchArgumentsTests
{
    private static readonly string[] Known = ["append", "push", "pull"];

    [Fact]
    public void Without_names_every_bench_runs_in_full()
    {
        var (arguments, error) = BenchArguments.Parse([], Known);

        Assert.Null(error);
        Assert.Equal(Known, arguments!.Names);
        Assert.True(arguments is { IsWhole: true, IsQuick: false, Rounds: 5, JsonFile: null, SvgFile: null });
    }

    [Fact]
    public void Named_benches_run_once_each_in_the_order_of_the_report()
    {
        var (arguments, _) = BenchArguments.Parse(["pull", "append", "pull"], Known);

        Assert.Equal(["append", "pull"], arguments!.Names);
        Assert.False(arguments.IsWhole);
    }

    [Fact]
    public void Options_may_stand_anywhere_and_a_number_of_rounds_wins_over_quick()
    {
        var (arguments, _) = BenchArguments.Parse(["--rounds", "7", "push", "--json", "a.json", "--svg", "a.svg", "--quick"], Known);

        Assert.True(arguments is { IsQuick: true, Rounds: 7, JsonFile: "a.json", SvgFile: "a.svg" });
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("--fast")]
    [InlineData("push", "--json")]
    [InlineData("--rounds", "0")]
    [InlineData("--rounds", "many")]
    public void An_unknown_word_is_refused_with_the_list_of_names(params string[] words)
    {
        var (arguments, error) = BenchArguments.Parse(words, Known);

        Assert.Null(arguments);
        Assert.Contains($"`{words.Except(["push"]).First()}`", error);
        Assert.Contains("append, push, pull", error);
    }

    [Fact]
    public void No_two_benches_have_the_same_name()
    {
        var names = Benches.All.Select(bench => bench.Name).ToList();

        Assert.Equal(names.Distinct(), names);
    }
}
