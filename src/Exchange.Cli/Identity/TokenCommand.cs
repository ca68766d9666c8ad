using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Clients.Identity;

namespace Exchange.Cli.Identity;

/// <summary>`exchange token`.</summary>
internal static class TokenCommand
{
    private static readonly Argument<string> _file = new("file") { Description = "file to write the private key to; must not exist" };

    public static Command Create(GlobalOptions options) => new Command("token", "Access tokens and keys.").With(
        new Command("get", "Prints an access token, for calls made with other tools.").Runs(options, async (context, cancellationToken) =>
        {
            var token = await context.Client.Tokens.GetAsync(cancellationToken);
            if (context.Output.IsJson)
            {
                context.Output.Json(new { access_token = token, token_type = "Bearer" });
            }
            else
            {
                Console.WriteLine(token);
            }

            return ExitCode.Done;
        }),
        new Command("new-key", "Makes a key pair: the private key goes to a file, the public one is printed as the JWK set to register.").With(_file).Runs(options, NewKeyAsync));

    private static Task<int> NewKeyAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var key = ClientKey.Create();
        KeyFile.Write(context.Value(_file), key);
        Console.WriteLine(key.ToJwks());
        return Task.FromResult(ExitCode.Done);
    }
}
