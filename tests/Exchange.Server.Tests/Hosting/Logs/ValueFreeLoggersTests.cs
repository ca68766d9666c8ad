using Exchange.Server.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Exchange.Server.Tests.Hosting.Logs;

/// <summary>What a node logs of an exception: where it came from and of what kind, not what it says.</summary>
public sealed class ValueFreeLoggersTests
{
    private const string Value = "oriole-5150";

    public static TheoryData<Exception> Faults =>
    [
        new InvalidOperationException(Value),
        new InvalidOperationException("outer", new FormatException(Value)),
        new AggregateException("several", new FormatException("one"), new FormatException(Value)),
        new PostgresException(Value, "ERROR", "ERROR", PostgresErrorCodes.InvalidTextRepresentation, detail: Value),
    ];

    [Theory]
    [MemberData(nameof(Faults))]
    public void Messages_are_left_out_at_any_depth_and_without_these_loggers_they_would_be_there(Exception fault)
    {
        using var log = new TestLog();
        using var control = new TestLog();
        using var loggers = new ValueFreeLoggers(log);

        Write(loggers, Thrown(fault));
        Write(control, Thrown(fault));

        var line = Assert.Single(log.Lines);
        Assert.DoesNotContain(Value, line, StringComparison.Ordinal);
        Assert.Contains(fault.GetType().FullName!, line, StringComparison.Ordinal);
        Assert.Contains(nameof(Thrown), line, StringComparison.Ordinal);
        Assert.Contains(Value, Assert.Single(control.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void The_databases_state_stays()
    {
        using var log = new TestLog();
        using var loggers = new ValueFreeLoggers(log);

        Write(loggers, new PostgresException(Value, "ERROR", "ERROR", PostgresErrorCodes.UndefinedTable));

        Assert.Contains("ERROR 42P01", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    private static void Write(ILoggerFactory loggers, Exception exception) =>
        loggers.CreateLogger("hub").Log(LogLevel.Error, default, "it failed", exception, (state, _) => state);

    private static Exception Thrown(Exception fault)
    {
        try
        {
            throw fault;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
