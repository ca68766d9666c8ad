using System.Threading.Channels;

namespace Exchange.Bench.Limits;

/// <summary>
/// The least that a service can do for a call whose answer says that its rows are durable: callers make an empty call each, then wait until one writer with plain
/// Npgsql has committed their rows, with those of all callers who wait then: two prepared `INSERT … SELECT unnest` and one commit in one round trip. Nothing is
/// checked, decided, looked up, hashed, logged or remembered.
/// </summary>
/// <param name="calls">The empty calls.</param>
/// <param name="rows">The rows, taken from the hub; those of <see cref="CommitLimit"/>.</param>
internal sealed class PlainService(EmptyCalls calls, CommitLimit rows)
{
    /// <summary>Seconds for so many calls by so many callers.</summary>
    public async Task<double> RunAsync(int callers, int count, CancellationToken cancellationToken)
    {
        await using var writer = await rows.OpenWriterAsync(cancellationToken);
        var waiting = Channel.CreateUnbounded<(int Index, TaskCompletionSource Done)>(new UnboundedChannelOptions { SingleReader = true });
        var writing = Task.Run(() => WriteAsync(waiting.Reader, writer, cancellationToken), cancellationToken);
        var next = -1;
        var seconds = await calls.RunAsync(
            callers,
            count,
            async () =>
            {
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting.Writer.TryWrite((Interlocked.Increment(ref next), done));
                await done.Task;
            },
            cancellationToken);
        waiting.Writer.Complete();
        await writing;
        return seconds;
    }

    private static async Task WriteAsync(
        ChannelReader<(int Index, TaskCompletionSource Done)> waiting, CommitLimit.Writer writer, CancellationToken cancellationToken)
    {
        var taken = new List<(int Index, TaskCompletionSource Done)>();
        while (await waiting.WaitToReadAsync(cancellationToken))
        {
            taken.Clear();
            while (waiting.TryRead(out var item))
            {
                taken.Add(item);
            }

            await writer.WriteAsync(taken.ConvertAll(item => item.Index), cancellationToken);
            taken.ForEach(item => item.Done.SetResult());
        }
    }
}
