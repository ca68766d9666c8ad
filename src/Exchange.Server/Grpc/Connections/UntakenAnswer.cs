using Exchange.Server.Hosting;
using Google.Protobuf;

namespace Exchange.Server.Grpc.Connections;

/// <summary>
/// An answer that waits in memory until its client takes it. HTTP/2 lets a client take nothing (a window of zero) for as long as it likes, and answer pings
/// meanwhile. What it has is 5 seconds, and one for each 64 KiB of the answers that wait on the connection then, as many as the largest answer has. Dispose it
/// when the request is over, which for an answer below <see cref="LeastBytes"/> is at once.
/// </summary>
internal sealed class UntakenAnswer : IDisposable
{
    /// <summary>Smaller ones may wait: they are as many as calls on a connection, and take less room than the calls did.</summary>
    public const int LeastBytes = 4 * 1024;

    private const int BytesPerSecond = 64 * 1024;
    private const int MostSeconds = HubEndpoints.LargestMessageBytes / BytesPerSecond;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HubConnection? connection;
    private readonly IMessage? answer;
    private readonly Action giveUp;
    private readonly Timer timer;
    private readonly Lock turn = new();
    private bool isLate;
    private bool isOver;

    /// <summary>Waits for the answer to be taken, and gives up when it is not.</summary>
    public UntakenAnswer(HubConnection? connection, IMessage? answer, Action giveUp)
    {
        (this.connection, this.answer, this.giveUp) = (connection, answer, giveUp);
        connection?.CountUntaken(1);
        timer = new Timer(untaken => ((UntakenAnswer)untaken!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(Patience, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (turn)
        {
            if (isOver)
            {
                return;
            }

            isOver = true;
        }

        connection?.CountUntaken(-1);
        timer.Dispose();
    }

    private void Look()
    {
        lock (turn)
        {
            if (isOver)
            {
                return;
            }

            // Most answers are taken long before anybody needs to know how large they are.
            var seconds = isLate || answer is null ? 0 : Math.Min(MostSeconds, (long)answer.CalculateSize() * (connection?.Untaken ?? 1) / BytesPerSecond);
            isLate = true;
            if (seconds > 0)
            {
                timer.Change(TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
                return;
            }

            giveUp();
        }
    }
}
