namespace Exchange.Cli.Terminal;

/// <summary>What was asked for makes no sense; the message says what to do. Ends the program with <see cref="ExitCode.Usage"/>.</summary>
internal sealed class UsageException(string message) : Exception(message);
