using Exchange.Server.Records.Push;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Deciding;

/// <summary>
/// Whether a stream's next batch may be presumed to open records only, by what became of those before it: then the records need not be looked for. Each
/// time that was wrong, it takes twice as many opened records until it is presumed again: what wrong presumptions cost stays small beside the records
/// that a client has to send for them.
/// </summary>
internal sealed class OpeningStreak
{
    private const int FirstNeeded = 1_000;
    private const int MostNeeded = 1 << 30;

    private readonly Lock gate = new();
    private int needed = FirstNeeded;
    private int streak;

    /// <summary>True when the next batch may be presumed to open records only.</summary>
    public bool Holds
    {
        get
        {
            lock (gate)
            {
                return streak >= needed;
            }
        }
    }

    /// <summary>Takes an answer into account. One from an earlier push tells nothing: nothing was looked for, and its records are there by now.</summary>
    /// <param name="answer">What became of the batch.</param>
    /// <param name="wasPresumed">True when that batch was presumed to open records only.</param>
    public void Note(PushAnswer answer, bool wasPresumed)
    {
        if (answer.IsReplay)
        {
            return;
        }

        var (opened, hasMet) = (0, false);
        foreach (var result in answer.Receipt.Results)
        {
            var isOpened = result is { Outcome: Proto.RecordOutcome.Accepted, Version: 1 };
            opened += isOpened ? 1 : 0;
            hasMet |= !isOpened && result.Outcome is not Proto.RecordOutcome.Rejected;
        }

        lock (gate)
        {
            if (hasMet)
            {
                needed = wasPresumed && needed < MostNeeded ? needed * 2 : needed;
                streak = 0;
            }
            else
            {
                streak = Math.Min(streak + opened, MostNeeded);
            }
        }
    }
}
