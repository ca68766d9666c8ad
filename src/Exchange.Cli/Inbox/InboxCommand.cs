using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;

namespace Exchange.Cli.Inbox;

/// <summary>`exchange inbox`.</summary>
internal static class InboxCommand
{
    private static readonly Argument<string> _department = new("department") { Description = "department, e.g. housing" };
    private static readonly Option<long> _after = new("--after") { Description = "only behind this position" };
    private static readonly Option<int> _last = new("--last") { Description = "only the last so many, at most 200", DefaultValueFactory = _ => 50 };
    private static readonly Option<long?> _afterPosition = new("--after") { Description = "from behind this position; from now on when left out" };

    public static Command Create(GlobalOptions options) => new Command("inbox", "What a department is told of its requests, grants and duties.").With(
        new Command("list", "Lists the newest notices, oldest first.").With(_department, _after, _last).Runs(options, async (context, cancellationToken) =>
        {
            var page = await context.Client.Inbox.ListAsync(
                CommonOptions.Name("departments", context.Value(_department)), context.Value(_after), context.Value(_last), newest: true, cancellationToken);
            return await context.Output.TableAsync(
                page.Notices.ToAsyncEnumerable(), ["position", "time", "what", "about", "resource", "by", "to do until", "text"], Row, cancellationToken);
        }),
        new Command("follow", "Follows the notices until Ctrl-C; each line begins with the position to give to --after next time.").With(_department, _afterPosition).Runs(options, FollowAsync));

    private static async Task<int> FollowAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await foreach (var response in context.Client.Inbox.FollowAsync(CommonOptions.Name("departments", context.Value(_department)), context.Value(_afterPosition), cancellationToken))
        {
            foreach (var notice in response.Notices)
            {
                if (context.Output.IsJson)
                {
                    context.Output.Json(notice);
                }
                else
                {
                    await Console.Out.WriteLineAsync(string.Join("  ", Row(notice).Where(cell => cell.Length > 0)).AsMemory(), cancellationToken);
                }
            }
        }

        return ExitCode.Done;
    }

    private static string[] Row(Notice notice) =>
    [
        $"{notice.Position}", $"{notice.Time.ToDateTimeOffset():u}", $"{notice.Kind}", notice.Subject, CommonOptions.Last(notice.Resource),
        notice.By.Length is 0 ? "" : CommonOptions.Last(notice.By), notice.ToAct ? $"{notice.DueTime?.ToDateTimeOffset():u}" : "", notice.Count > 0 ? $"{notice.Count} proposals" : notice.Text,
    ];
}
