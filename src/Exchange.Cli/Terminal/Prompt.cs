using System.Text;

namespace Exchange.Cli.Terminal;

/// <summary>
/// Asks the person at the terminal, on standard error, for what must not stand on a command line. Where standard input is no terminal, each answer is its next line.
/// </summary>
internal static class Prompt
{
    /// <summary>A secret, not shown while it is typed; twice at a terminal when it is a new one.</summary>
    public static async Task<string> SecretAsync(string what, bool isNew, CancellationToken cancellationToken)
    {
        var secret = await AskAsync(what, isShown: false, cancellationToken);
        return !isNew || Console.IsInputRedirected || secret == await AskAsync($"{what}, again", isShown: false, cancellationToken)
            ? secret
            : throw new UsageException("the two differ; nothing was changed");
    }

    /// <summary>Something short that may be seen, such as a code that is good once.</summary>
    public static Task<string> LineAsync(string what, CancellationToken cancellationToken) => AskAsync(what, isShown: true, cancellationToken);

    // A read of the console cannot be broken off: it is left behind, and the program ends.
    private static Task<string> AskAsync(string what, bool isShown, CancellationToken cancellationToken)
    {
        if (!Console.IsInputRedirected)
        {
            Console.Error.Write($"{what}: ");
        }

        return Task.Run(() => (Console.IsInputRedirected || isShown ? Console.In.ReadLine() : ReadHidden()) is { Length: > 0 } line
            ? line
            : throw new UsageException($"{what} is missing"), cancellationToken).WaitAsync(cancellationToken);
    }

    private static string ReadHidden()
    {
        var typed = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    Console.Error.WriteLine();
                    return typed.ToString();
                case ConsoleKey.Backspace:
                    typed.Length = Math.Max(0, typed.Length - 1);
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                    {
                        typed.Append(key.KeyChar);
                    }

                    break;
            }
        }
    }
}
