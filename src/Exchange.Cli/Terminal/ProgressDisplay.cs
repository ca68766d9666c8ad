using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Exchange.Cli.Terminal;

/// <summary>Shows how far long work is, on standard error and only on a terminal: a bar where the end is known, else a count and the time.</summary>
internal static class ProgressDisplay
{
    /// <summary>Runs work that reports what it has done so far.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="title">What is done.</param>
    /// <param name="total">How much there is to do; null when it is not known.</param>
    /// <param name="work">The work; it reports how much of the total is done, and how many items that are.</param>
    public static async Task RunAsync(Output output, string title, long? total, Func<Action<long, long>, Task> work)
    {
        if (!output.Error.Profile.Capabilities.Interactive)
        {
            await work((_, _) => { });
            return;
        }

        var items = 0L;
        var count = new CountColumn(() => Interlocked.Read(ref items));
        ProgressColumn[] columns = total is null
            ? [new TaskDescriptionColumn(), count, new ElapsedTimeColumn(), new SpinnerColumn()]
            : [new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), count, new SpinnerColumn()];
        await output.Error.Progress().Columns(columns).StartAsync(async context =>
        {
            var task = context.AddTask(Markup.Escape(title), maxValue: Math.Max(total ?? 1, 1));
            task.IsIndeterminate = total is null;
            await work((done, many) =>
            {
                Interlocked.Exchange(ref items, many);
                task.Value = total is null ? 0 : done;
            });
            task.Value = task.MaxValue;
        });
    }

    private sealed class CountColumn(Func<long> items) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(items() is > 0 and var many ? many.ToString("N0", CultureInfo.InvariantCulture) : "");
    }
}
