using Google.Protobuf;

namespace Exchange.Server.Tests.Governance;

/// <summary>Copies of messages with a change.</summary>
internal static class Messages
{
    internal static T With<T>(this T message, Action<T> change)
        where T : IMessage<T>, IDeepCloneable<T>
    {
        var copy = message.Clone();
        change(copy);
        return copy;
    }
}
