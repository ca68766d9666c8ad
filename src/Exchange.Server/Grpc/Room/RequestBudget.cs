namespace Exchange.Server.Grpc.Room;

/// <summary>
/// Bytes of requests that are being worked on, over all calls of the node: what bounds its memory whatever is sent to it. A unary call that finds no room
/// is refused before its message is read; a stream waits for room before it goes on, and its client with it. Safe for concurrent use.
/// </summary>
/// <param name="bytes">All the room there is; at least the largest message.</param>
internal sealed class RequestBudget(long bytes)
{
    /// <summary>When a refused call may come again: about as long as it takes to store what is under way.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly Lock gate = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Turn)> waiting = [];
    private long left = bytes;

    /// <summary>Takes room at once; false when there is not enough, or others wait for it.</summary>
    /// <param name="bytes">At most the largest message.</param>
    public bool TryTake(long bytes)
    {
        lock (gate)
        {
            if (waiting.Count > 0 || left < bytes)
            {
                return false;
            }

            left -= bytes;
            return true;
        }
    }

    /// <summary>Takes room, after those that came before. Who stops waiting has taken nothing.</summary>
    public async Task TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        if (TryTake(bytes))
        {
            return;
        }

        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            waiting.Enqueue((bytes, turn));
            Serve();
        }

        await using var stop = cancellationToken.Register(() =>
        {
            // Its place stays in the queue, and is passed over.
            if (turn.TrySetCanceled(cancellationToken))
            {
                Return(0);
            }
        });
        await turn.Task;
    }

    /// <summary>Gives room back.</summary>
    public void Return(long bytes)
    {
        lock (gate)
        {
            left += bytes;
            Serve();
        }
    }

    private void Serve()
    {
        while (waiting.TryPeek(out var next) && (next.Turn.Task.IsCompleted || next.Bytes <= left))
        {
            waiting.Dequeue();
            if (next.Turn.TrySetResult())
            {
                left -= next.Bytes;
            }
        }
    }
}
