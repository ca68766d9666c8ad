namespace Exchange.EventStore.Appending;

/// <summary>One attempt to commit several submissions' units.</summary>
internal sealed class AppendTransaction
{
    public EventColumns Events { get; } = new();
}
