using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Exchange.Server.Tests;

/// <summary>Keeps every log line of a hub, at Information and above.</summary>
public sealed class TestLog : ILoggerFactory
{
    /// <summary>True keeps what the libraries log as well, from Warning on as the hub as a program does.</summary>
    public bool KeepsLibraries { get; init; }

    private readonly ConcurrentQueue<string> lines = new();

    /// <summary>The lines so far: level, category, message, exception.</summary>
    public IReadOnlyCollection<string> Lines => lines;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, KeepsLibraries, lines);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, bool keepsLibraries, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) =>
            logLevel >= (!IsLibrary ? LogLevel.Information : keepsLibraries ? LogLevel.Warning : LogLevel.Critical);

        private bool IsLibrary =>
            category.StartsWith("Microsoft", StringComparison.Ordinal) || category.StartsWith("Grpc", StringComparison.Ordinal) || category.StartsWith("Npgsql", StringComparison.Ordinal);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lines.Enqueue($"{logLevel} {category} {formatter(state, exception)} {exception}");
            }
        }
    }
}
