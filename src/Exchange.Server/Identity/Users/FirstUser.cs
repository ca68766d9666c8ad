using Exchange.Catalog;
using Exchange.Server.Governance;
using Exchange.Server.Hosting;

namespace Exchange.Server.Identity.Users;

/// <summary>How a hub gets its first person: while no operator is enrolled, each start makes the user `operator` or gives it a new enrolment code.</summary>
internal sealed partial class FirstUser(HubOptions options, GovernanceCommands commands, ILogger<FirstUser> logger)
{
    /// <summary>The user that is made.</summary>
    public static readonly UserId Id = new("operator");

    /// <summary>
    /// A new enrolment code; null when an operator is enrolled, or this user cannot be the one to enrol. Of nodes that start at once the last one's is good:
    /// each makes the one before worthless.
    /// </summary>
    public async Task<string?> NewCodeAsync(CancellationToken cancellationToken)
    {
        var (code, hash) = EnrolmentCode.Create();
        var caller = new Caller(options.OperatorDepartment, options.OperatorClient, Role.Operator);
        var user = new User { Id = Id, Department = options.OperatorDepartment, DisplayName = "first person, made with the hub", Role = Role.Operator, EnrolmentCodeHash = hash };
        var hasCode = false;
        var stored = await commands.ExecuteAsync(
            caller,
            GovernanceStreams.User(Id),
            (state, now) =>
            {
                var decision = UserRules.CreateFirst(state, user, now);
                hasCode = decision is { IsRefused: false, Value.Event: not null };
                return decision;
            },
            cancellationToken);
        if (stored.Refusal is { } refusal)
        {
            Log.NotMade(logger, Id.Value, refusal.Message);
            return null;
        }

        return hasCode ? code : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "there is no enrolment code for user {User}: {Reason}")]
        public static partial void NotMade(ILogger logger, string user, string reason);
    }
}
