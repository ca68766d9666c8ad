using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Exchange.Server.Tests;

/// <summary>Keeps every log line of a hub, at Information and above.</summary>
public sealed class TestLog : ILoggerFactory
{
    private readonly ConcurrentQueue<string> lines = new();

    /// <summary>The lines so far: level, category, message, exception.</summary>
    public IReadOnlyCollection<string> Lines => lines;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, lines);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) =>
            logLevel >= (category.StartsWith("Microsoft", StringComparison.Ordinal) || category.StartsWith("Grpc", StringComparison.Ordinal) || category.StartsWith("Npgsql", StringComparison.Ordinal)
                ? LogLevel.Critical
                : LogLevel.Information);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lines.Enqueue($"{logLevel} {category} {formatter(state, exception)} {exception}");
            }
        }
    }
}
