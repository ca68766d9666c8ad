using System.Diagnostics;
using Exchange.EventStore.Appending;

namespace Exchange.EventStore.Committing;

/// <summary>What one lane has to commit of one submission.</summary>
internal sealed class QueuedAppend
{
    private readonly TaskCompletionSource<AppendAnswer> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int state;

    /// <summary>What this item does with the submission's key.</summary>
    public enum KeyUse
    {
        /// <summary>The submission has no key.</summary>
        None,

        /// <summary>All units are here: one row keeps the key and the whole answer.</summary>
        Whole,

        /// <summary>No unit is here: the row that keeps the key alone, committed before any unit.</summary>
        Claim,

        /// <summary>Some units are here; <see cref="ClaimedBy"/> keeps the key, and one row beside its own gets their answers.</summary>
        Part,

        /// <summary>As <see cref="Part"/> where a transaction has one partition: the one unit gets a row with its answer in its own.</summary>
        Unit,
    }

    public required AppendUnit[] Units { get; init; }

    public required KeyUse Use { get; init; }

    public IdempotencyKey? Key { get; init; }

    public int KeyPartition { get; init; }

    /// <summary>For <see cref="KeyUse.Part"/> and <see cref="KeyUse.Unit"/>.</summary>
    public QueuedAppend? ClaimedBy { get; init; }

    /// <summary>
    /// True when the key was there before <see cref="ClaimedBy"/>: a node of another form of the rows may have stored some units. Of several calls with one
    /// key, on whichever nodes, all but one are repeats.
    /// </summary>
    public bool IsRepeat => ClaimedBy is { Completion: { IsCompletedSuccessfully: true, Result.WasClaimed: true } };

    /// <summary>Partitions whose locks it needs; some may come twice.</summary>
    public IEnumerable<int> LockedPartitions
    {
        get
        {
            var ofUnits = Units.Select(unit => unit.Partition);
            return Use is KeyUse.Whole or KeyUse.Claim ? ofUnits.Append(KeyPartition) : ofUnits;
        }
    }

    public int EventCount { get; init; }

    public long SizeBytes { get; init; }

    public long QueuedAt { get; } = Stopwatch.GetTimestamp();

    public Task<AppendAnswer> Completion => completion.Task;

    /// <summary>False when it was cancelled before.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref state, 1, 0) is 0;

    /// <summary>False when its transaction began before.</summary>
    public bool TryCancel() => Interlocked.CompareExchange(ref state, 2, 0) is 0;

    public void Complete(AppendAnswer answer) => completion.TrySetResult(answer);
}

/// <summary>What became of one <see cref="QueuedAppend"/>.</summary>
internal sealed record AppendAnswer
{
    public AppendRefusal? Refusal { get; init; }

    public Exception? Error { get; init; }

    public bool IsReplay { get; init; }

    /// <summary>In the order of the item's units; of the whole submission when a claim found its whole answer.</summary>
    public UnitResult[] Units { get; init; } = [];

    /// <summary>For a claim: the key is this submission's and its units must be committed now.</summary>
    public bool MayProceed { get; init; }

    /// <summary>For a claim that <see cref="MayProceed"/>: the key was there.</summary>
    public bool WasClaimed { get; init; }

    public static AppendAnswer Refused(AppendRefusal refusal) => new() { Refusal = refusal };

    public static AppendAnswer Failed(Exception error) => new() { Error = error };
}
