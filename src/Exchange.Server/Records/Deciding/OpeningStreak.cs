using Exchange.Catalog.Records;
using Exchange.Server.Records.Push;

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

    /// <summary>Takes a receipt into account. One from an earlier push tells nothing: nothing was looked for, and its records are there by now.</summary>
    /// <param name="receipt">What became of the batch.</param>
    /// <param name="wasPresumed">True when that batch was presumed to open records only.</param>
    public void Note(PushedReceipt receipt, bool wasPresumed)
    {
        if (receipt.IsReplay)
        {
            return;
        }

        var (opened, hasMet) = (0, false);
        foreach (ref readonly var answer in receipt.Answers)
        {
            var isOpened = answer is { Outcome: RecordOutcome.Accepted, Version: 1 };
            opened += isOpened ? 1 : 0;
            hasMet |= !isOpened && answer.Outcome is not RecordOutcome.Rejected;
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
