using Exchange.Cli.Terminal;
using Spectre.Console;

namespace Exchange.Clients.Tests.Terminal;

public sealed class ProgressDisplayTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Work_whose_end_is_known_shows_how_far_it_is_and_how_many_items_that_are()
    {
        var screen = new Screen("25%", "1,234");

        await ProgressDisplay.RunAsync(screen.Output, "rows.csv: intake", 4000, async report =>
        {
            report(1000, 1234);
            await screen.Shown.WaitAsync(_patience, TestContext.Current.CancellationToken);
        });

        Assert.Contains("rows.csv: intake", screen.ToString());
    }

    [Fact]
    public async Task Work_without_a_known_end_shows_a_live_count_and_no_bar()
    {
        var screen = new Screen("1,234", "00:00:0");

        await ProgressDisplay.RunAsync(screen.Output, "pull", null, async report =>
        {
            report(1234, 1234);
            await screen.Shown.WaitAsync(_patience, TestContext.Current.CancellationToken);
        });

        Assert.DoesNotContain("━", screen.ToString());
        Assert.DoesNotContain("%", screen.ToString());
    }

    /// <summary>A terminal that tells when it has shown certain words.</summary>
    private sealed class Screen : StringWriter
    {
        private readonly string[] _words;
        private readonly TaskCompletionSource _shown = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Screen(params string[] words)
        {
            _words = words;
            Output = new Output(isJson: false, Null, AnsiConsole.Create(new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.Yes,
                Interactive = InteractionSupport.Yes,
                Out = new AnsiConsoleOutput(this),
            }));
        }

        public Output Output { get; }

        public Task Shown => _shown.Task;

        public override void Write(string? value)
        {
            base.Write(value);
            var all = ToString();
            if (Array.TrueForAll(_words, w => all.Contains(w, StringComparison.Ordinal)))
            {
                _shown.TrySetResult();
            }
        }
    }
}
