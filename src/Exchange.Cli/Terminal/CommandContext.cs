using System.CommandLine;
using Exchange.Clients;

namespace Exchange.Cli.Terminal;

/// <summary>What a command works with: its parsed options, its output, and the hub once it asks for it.</summary>
internal sealed class CommandContext(ParseResult result, GlobalOptions options, Output output) : IAsyncDisposable
{
    private ExchangeClient? _client;

    public ParseResult Result { get; } = result;

    public GlobalOptions Options { get; } = options;

    public Output Output { get; } = output;

    /// <summary>The hub, as the client that the global options name.</summary>
    public ExchangeClient Client => _client ??= Options.Connect(Result);

    public T? Value<T>(Option<T> option) => Result.GetValue(option);

    public T Value<T>(Argument<T> argument) => Result.GetRequiredValue(argument);

    public ValueTask DisposeAsync() => _client?.DisposeAsync() ?? ValueTask.CompletedTask;
}
