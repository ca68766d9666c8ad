using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Deciding;

/// <summary>
/// Whether a stream's next batch may be presumed to open records only, by what became of those before it: then the records need not be looked for. Each
/// time that was wrong, it takes twice as many batches until it is presumed again.
/// </summary>
internal sealed class OpeningStreak
{
    private const int FirstNeeded = 2;
    private const int MostNeeded = 1 << 20;

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

    /// <summary>Takes a receipt into account.</summary>
    /// <param name="receipt">What became of the batch.</param>
    /// <param name="wasPresumed">True when that batch was presumed to open records only.</param>
    public void Note(Proto.PushReceipt receipt, bool wasPresumed)
    {
        var (hasOpened, hasMet) = (false, false);
        foreach (var result in receipt.Results)
        {
            var opened = result is { Outcome: Proto.RecordOutcome.Accepted, Version: 1 };
            hasOpened |= opened;
            hasMet |= !opened && result.Outcome is not Proto.RecordOutcome.Rejected;
        }

        lock (gate)
        {
            if (hasMet)
            {
                needed = wasPresumed ? Math.Min(needed * 2, MostNeeded) : needed;
                streak = 0;
            }
            else if (hasOpened)
            {
                streak++;
            }
        }
    }
}
