using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;

namespace Exchange.Cli.Identity;

/// <summary>`exchange identity users`.</summary>
internal static class UsersCommand
{
    private static readonly string[] _roles = ["steward", "auditor", "operator"];
    private static readonly Argument<string> _department = new("department") { Description = "department, e.g. housing" };
    private static readonly Argument<string> _id = new("id") { Description = "user id, e.g. wang-li" };
    private static readonly Option<string> _role = new Option<string>("--role") { Description = string.Join(", ", _roles) + "; one for good", Required = true }.AcceptOnlyFromAmong(_roles);
    private static readonly Option<string?> _name = new("--name") { Description = "who it is; kept in the log for good" };
    private static readonly Option<string?> _session = new("--session") { Description = "only the session of this id, as `sessions` lists it" };

    public static Command Create(GlobalOptions options) => new Command("users", "People who act for departments; needs the operator's role.").With(
        new Command("create", "Creates a user and prints its one-time enrolment code, to be handed to that person.").With(_department, _id, _role, _name).Runs(options, CreateAsync),
        new Command("list", "Lists a department's users.").With(_department).Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Identity.ListUsersAsync(CommonOptions.Name("departments", context.Value(_department)), cancellationToken),
            ["user", "name", "role", "created", "enrolled", "disabled"],
            u => [u.Name, u.DisplayName, u.Role.ToString(), $"{u.CreateTime?.ToDateTimeOffset():u}", $"{u.EnrolTime?.ToDateTimeOffset():u}", $"{u.DisableTime?.ToDateTimeOffset():u}"],
            cancellationToken)),
        new Command("disable", "Disables a user for good: it is refused from the next request on, its sessions end.").With(_department, _id).Runs(options, async (context, cancellationToken) =>
        {
            var disabled = await context.Client.Identity.DisableUserAsync(NameOf(context), cancellationToken);
            if (context.Output.IsJson)
            {
                context.Output.Json(disabled);
            }
            else
            {
                context.Output.Note($"disabled {disabled.Name}");
            }

            return ExitCode.Done;
        }),
        new Command("reset", "Prints a new one-time enrolment code for a user; its password and second factor are thrown away, its sessions end.").With(_department, _id)
            .Runs(options, async (context, cancellationToken) =>
            {
                var reset = await context.Client.Identity.ResetUserEnrolmentAsync(NameOf(context), cancellationToken);
                return ShowCode(context, reset, $"{reset.User.Name} must enrol again", reset.EnrolmentCode);
            }),
        new Command("sessions", "Lists a user's sessions; a user may list its own.").With(_department, _id).Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Identity.ListUserSessionsAsync(NameOf(context), cancellationToken),
            ["session", "signed in", "used", "ends"],
            s => [s.Name[(s.Name.LastIndexOf('/') + 1)..], $"{s.CreateTime.ToDateTimeOffset():u}", $"{s.UseTime.ToDateTimeOffset():u}", $"{s.ExpireTime.ToDateTimeOffset():u}"],
            cancellationToken)),
        new Command("end-sessions", "Ends a user's sessions; a user may end its own.").With(_department, _id, _session).Runs(options, async (context, cancellationToken) =>
        {
            var name = context.Value(_session) is { } session ? $"{NameOf(context)}/sessions/{session}" : NameOf(context);
            var ended = await context.Client.Identity.EndUserSessionsAsync(name, cancellationToken);
            if (context.Output.IsJson)
            {
                context.Output.Json(new { ended_count = ended });
            }
            else
            {
                context.Output.Note($"{ended} sessions ended");
            }

            return ExitCode.Done;
        }));

    private static async Task<int> CreateAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var user = new User { DisplayName = context.Value(_name) ?? "", Role = Enum.Parse<Role>(context.Value(_role)!, ignoreCase: true) };
        var created = await context.Client.Identity.CreateUserAsync(CommonOptions.Name("departments", context.Value(_department)), context.Value(_id), user, cancellationToken);
        return ShowCode(context, created, $"created {created.User.Name}", created.EnrolmentCode);
    }

    private static int ShowCode(CommandContext context, Google.Protobuf.IMessage answer, string note, string code)
    {
        if (context.Output.IsJson)
        {
            context.Output.Json(answer);
            return ExitCode.Done;
        }

        context.Output.Note($"{note}; the enrolment code, shown this once and good for 24 hours:");
        Console.WriteLine(code);
        return ExitCode.Done;
    }

    private static string NameOf(CommandContext context) => $"{CommonOptions.Name("departments", context.Value(_department))}/users/{context.Value(_id)}";
}
