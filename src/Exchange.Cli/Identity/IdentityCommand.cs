using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Clients.Identity;

namespace Exchange.Cli.Identity;

/// <summary>`exchange identity`.</summary>
internal static class IdentityCommand
{
    private const string Password = "password";
    private const string Code = "code of the authenticator";

    public static Command Create(GlobalOptions options) => new Command("identity", "Who may call the hub, machines and people; how people come in.").With(
        ClientsCommand.Create(options),
        KeysCommand.Create(options),
        SigningKeysCommand.Create(options),
        UsersCommand.Create(options),
        new Command("enrol", "Sets the password and the second factor of --user, with the one-time enrolment code from the operator.").Runs(options, EnrolAsync),
        new Command("sign-in", "Signs --user in with password and code; other commands then act as that person with --user.").Runs(options, SignInAsync),
        new Command("sign-out", "Ends the session of --user.").Runs(options, SignOutAsync));

    private static async Task<int> EnrolAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var user = User(context);
        var (address, tokenEndpoint) = context.Options.Place(context.Result);
        using var hub = new UserSignIn(address, tokenEndpoint);
        var enrolmentCode = await Prompt.LineAsync("enrolment code", cancellationToken);
        var secret = await hub.BeginEnrolmentAsync(user, enrolmentCode, cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(new { user, otpauth_uri = secret.Uri, totp_secret = secret.Secret });
        }
        else
        {
            context.Output.Note("put this secret, or the address as a picture (QR code), into an authenticator on your phone:");
            Console.WriteLine(secret.Secret);
            Console.WriteLine(secret.Uri);
        }

        var password = await Prompt.SecretAsync($"new {Password}, at least 12 characters", isNew: true, cancellationToken);
        await hub.CompleteEnrolmentAsync(user, enrolmentCode, secret, password, await Prompt.LineAsync(Code, cancellationToken), cancellationToken);
        context.Output.Note($"user {user} is enrolled; sign in with the next code: exchange identity sign-in --user {user}");
        return ExitCode.Done;
    }

    private static async Task<int> SignInAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var user = User(context);
        var (address, tokenEndpoint) = context.Options.Place(context.Result);
        using var hub = new UserSignIn(address, tokenEndpoint);
        var password = await Prompt.SecretAsync(Password, isNew: false, cancellationToken);
        var session = await hub.SignInAsync(user, password, await Prompt.LineAsync(Code, cancellationToken), cancellationToken);
        SessionFile.Write(address, session);
        if (context.Output.IsJson)
        {
            context.Output.Json(new { user, expire_time = session.ExpireTime });
        }
        else
        {
            context.Output.Note($"user {user} is signed in until {session.ExpireTime:u} at the latest");
        }

        return ExitCode.Done;
    }

    private static async Task<int> SignOutAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var user = User(context);
        var (address, tokenEndpoint) = context.Options.Place(context.Result);
        if (SessionFile.Find(address, user) is { } session)
        {
            using var hub = new UserSignIn(address, tokenEndpoint);
            await hub.SignOutAsync(session, cancellationToken);
            SessionFile.Delete(address, user);
        }

        context.Output.Note($"user {user} is signed out");
        return ExitCode.Done;
    }

    private static string User(CommandContext context) => context.Options.User(context.Result) ?? throw new UsageException("say who: --user");
}
