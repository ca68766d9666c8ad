using Spectre.Console;

namespace Exchange.Cli.Terminal;

/// <summary>Shows how far long work is: a bar on standard error, and only on a terminal.</summary>
internal static class ProgressDisplay
{
    /// <summary>Runs work that reports what it has done so far.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="title">What is done.</param>
    /// <param name="total">How much there is; null when it is not known.</param>
    /// <param name="work">The work.</param>
    public static async Task RunAsync(Output output, string title, long? total, Func<Action<long>, Task> work)
    {
        if (!output.Error.Profile.Capabilities.Interactive)
        {
            await work(_ => { });
            return;
        }

        await output.Error.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new CountColumn(), new SpinnerColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(Markup.Escape(title), maxValue: total ?? 1);
                task.IsIndeterminate = total is null;
                await work(done =>
                {
                    if (total is null)
                    {
                        task.MaxValue = Math.Max(task.MaxValue, done + 1);
                    }

                    task.Value = done;
                });
                if (total is null)
                {
                    task.MaxValue = Math.Max(1, task.Value); // which the count beside the bar shows
                }

                task.Value = task.MaxValue;
            });
    }

    private sealed class CountColumn : ProgressColumn
    {
        public override Spectre.Console.Rendering.IRenderable Render(Spectre.Console.Rendering.RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.Value.ToString("N0", System.Globalization.CultureInfo.InvariantCulture));
    }
}
