namespace Exchange.Server.Hosting;

/// <summary>
/// Loggers of a node, its libraries' too: exceptions are logged as <see cref="LoggedFault"/>, so that no value reaches the log in a message that nobody thought of.
/// Those who made the inner loggers dispose them.
/// </summary>
internal sealed class ValueFreeLoggers(ILoggerFactory inner) : ILoggerFactory
{
    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(inner.CreateLogger(categoryName));

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class Logger(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (inner.IsEnabled(logLevel))
            {
                inner.Log(logLevel, eventId, state, exception is null ? null : LoggedFault.Of(exception), formatter);
            }
        }
    }
}
