using System.Net.Sockets;
using Npgsql;

namespace Exchange.Server.Hosting;

/// <summary>
/// An exception as logs show it: types, where it came from, the database's state. Its message is left out, for it may quote the value that
/// it is about; the database's own log has the words to a state.
/// </summary>
internal sealed class LoggedFault : Exception
{
    private readonly string text;

    private LoggedFault(string text) => this.text = text;

    /// <inheritdoc/>
    public override string Message => text;

    /// <summary>What may be logged of an exception and of those that caused it.</summary>
    public static LoggedFault Of(Exception exception) => new(Describe(exception));

    /// <inheritdoc/>
    public override string ToString() => text;

    private static string Describe(Exception exception)
    {
        var causes = exception switch
        {
            AggregateException several => several.InnerExceptions,
            { InnerException: { } inner } => [inner],
            _ => (IReadOnlyList<Exception>)[],
        };
        return $"{exception.GetType()}{About(exception)}\n{exception.StackTrace}{string.Concat(causes.Select(cause => "\n ---> " + Describe(cause)))}";
    }

    private static string About(Exception exception) => exception switch
    {
        PostgresException refused => $" ({refused.Severity} {refused.SqlState})",
        SocketException broken => $" ({broken.SocketErrorCode})",
        _ => "",
    };
}
