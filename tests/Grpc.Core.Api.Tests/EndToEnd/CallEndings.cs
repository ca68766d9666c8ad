using System.Collections.Concurrent;

namespace Grpc.Core.Api.Tests.EndToEnd;

/// <summary>Tells a test when the server saw its call cancelled; a test names its call in the header <c>call</c>.</summary>
internal sealed class CallEndings
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> endings = new();

    internal Task Of(string call) => Ending(call).Task;

    internal void Watch(ServerCallContext context)
    {
        if (context.RequestHeaders.GetValue("call") is { } call)
        {
            context.CancellationToken.Register(() => Ending(call).TrySetResult());
        }
    }

    internal Task WaitForCancellationAsync(ServerCallContext context)
    {
        Watch(context);
        return Task.Delay(Timeout.Infinite, context.CancellationToken);
    }

    private TaskCompletionSource Ending(string call) => endings.GetOrAdd(call, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
