using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.EventStore;
using Exchange.EventStore.Reading;
using Exchange.Server.Identity;
using Exchange.Server.Identity.Users;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace Exchange.Server.Governance;

/// <summary>
/// The governance state as this node knows it: loaded before the node listens, then kept at the head of the governance partition. Whoever decides
/// asks <see cref="Confirm"/>, which refuses once this node has not known for `patience` that its state is the newest.
/// </summary>
internal sealed class GovernanceStore(EventLog log, ClientDirectory clients, UserDirectory users, TimeSpan patience) : BackgroundService
{
    /// <summary>How long a node decides on what it last knew: a second.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private const int PageEvents = 1_000;

    private static readonly Refusal NotConfirmed = new(
        RefusalReason.GovernanceNotConfirmed, "this node of the hub does not know the newest policies and decides nothing until it does: retry");

    private readonly Lock gate = new();
    private volatile GovernanceState current = GovernanceState.Empty;
    private TaskCompletionSource changed = New();
    private long confirmedAt = Stopwatch.GetTimestamp();

    /// <summary>The newest state this node knows. For showing; for deciding ask <see cref="Confirm"/>.</summary>
    public GovernanceState Current => current;

    /// <summary>The state, when it was known to be the newest within the patience; else GOVERNANCE_NOT_CONFIRMED.</summary>
    public Result<GovernanceState> Confirm()
    {
        // Read again behind the confirmation, which another thread may have brought about with a newer state than was here before.
        return IsConfirmed() ? current : NotConfirmed;
    }

    /// <summary>As <see cref="Confirm"/>, but waits as long as the patience for this node to catch up.</summary>
    public async Task<Result<GovernanceState>> ConfirmAsync(CancellationToken cancellationToken)
    {
        if (Confirm() is { IsRefused: false } confirmed)
        {
            return confirmed;
        }

        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var next = NextChange;
            var result = Confirm();
            var left = patience - Stopwatch.GetElapsedTime(began);
            if (!result.IsRefused || left <= TimeSpan.Zero)
            {
                return result;
            }

            // The head is confirmed by polling: no change of the state tells when.
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(Math.Min(50, left.TotalMilliseconds)), cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// The state at the head that the database has now, or beyond; waits five times the patience for this node to get there, else GOVERNANCE_NOT_CONFIRMED.
    /// For what is done outside the log's transactions, which see the newest state by themselves.
    /// </summary>
    public async Task<Result<GovernanceState>> ReadNewestAsync(CancellationToken cancellationToken)
    {
        var head = (await log.Reader.ReadHeadsAsync([log.Partitions.Governance], cancellationToken))[log.Partitions.Governance];
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        waiting.CancelAfter(5 * patience);
        try
        {
            return await WaitBeyondAsync(head - 1, waiting.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return NotConfirmed;
        }
    }

    /// <summary>Completes when the state stands beyond this position. Streams wait here for grants and policies to change.</summary>
    public async Task<GovernanceState> WaitBeyondAsync(long position, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = NextChange;
            if (current is var state && state.Position > position)
            {
                return state;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Loads the whole state before anything else of the node starts to serve.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var head = (await log.Reader.ReadHeadsAsync([log.Partitions.Governance], cancellationToken))[log.Partitions.Governance];
        while (current.Position < head)
        {
            Apply(await log.Reader.ReadPartitionAsync(log.Partitions.Governance, current.Position, PageEvents, cancellationToken));
        }

        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var after = new Dictionary<int, long> { [log.Partitions.Governance] = current.Position };
        await foreach (var batch in log.SubscribeAsync(after, new SubscriptionOptions { MaxEvents = PageEvents }, stoppingToken))
        {
            foreach (var slice in batch.Slices)
            {
                Apply(slice.Events);
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task NextChange
    {
        get
        {
            lock (gate)
            {
                return changed.Task;
            }
        }
    }

    private bool IsConfirmed()
    {
        // Taken before the age: a thread that has to wait in between makes the confirmation older than it is, never newer.
        var now = Stopwatch.GetTimestamp();
        var confirmation = log.Heads.Confirm(log.Partitions.Governance);
        lock (gate)
        {
            if (current.Position >= confirmation.Head)
            {
                confirmedAt = Math.Max(confirmedAt, now - (long)(confirmation.Age.TotalSeconds * Stopwatch.Frequency));
            }

            return Stopwatch.GetElapsedTime(confirmedAt) < patience;
        }
    }

    private void Apply(IReadOnlyList<StoredEvent> events)
    {
        var next = current;
        foreach (var stored in events)
        {
            next = next.Apply(GovernanceEventMap.FromStored(stored.Type, stored.Payload.Span), stored.Position);
        }

        // First, so that a client or user whose registration was answered can sign in.
        clients.Publish(next.Clients);
        users.Publish(next.Users);
        current = next;
        TaskCompletionSource told;
        lock (gate)
        {
            (told, changed) = (changed, New());
        }

        told.SetResult();
    }
}
