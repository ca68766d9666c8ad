using System.Diagnostics;
using Exchange.Catalog;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;

namespace Exchange.Server.Access;

/// <summary>
/// Keeps the plan of one running stream the newest: looks at every change of governance, at the plan's own end, and that this node still knows the
/// newest policies. A right that is lost ends the stream's token, with the reason.
/// </summary>
internal sealed class PlanWatch : IAsyncDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private readonly GovernanceStore governance;
    private readonly ReadPlans plans;
    private readonly Caller caller;
    private readonly Func<ReadPlan, ReadPlan, Refusal?> lost;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource ended;
    private readonly CancellationTokenSource stopped;
    private readonly Task running;
    private readonly CancellationToken call;
    private Refusal? end;
    private volatile ReadPlan current;
    private volatile TaskCompletionSource changed = New();

    /// <summary>Begins to watch.</summary>
    /// <param name="governance">Where policies change.</param>
    /// <param name="plans">Where plans come from.</param>
    /// <param name="caller">Who reads.</param>
    /// <param name="first">The plan the stream begins with.</param>
    /// <param name="lost">Given the plan so far and a newer one: why the stream must end; null when it goes on under the newer.</param>
    /// <param name="time">The clock of the plan's end.</param>
    /// <param name="call">Ends with the call.</param>
    public PlanWatch(
        GovernanceStore governance, ReadPlans plans, Caller caller, ReadPlan first, Func<ReadPlan, ReadPlan, Refusal?> lost, TimeProvider time, CancellationToken call)
    {
        (this.governance, this.plans, this.caller, current, this.lost, this.time, this.call) = (governance, plans, caller, first, lost, time, call);
        ended = CancellationTokenSource.CreateLinkedTokenSource(call);
        stopped = CancellationTokenSource.CreateLinkedTokenSource(call);
        Token = ended.Token;
        running = WatchAsync();
    }

    /// <summary>Ends with the call, and with the right to go on.</summary>
    public CancellationToken Token { get; }

    /// <summary>The newest plan.</summary>
    public ReadPlan Current => current;

    /// <summary>
    /// Returns when this node knows the newest policies and <see cref="Current"/> stands under them, at once as a rule: nothing may be sent before. Throws
    /// GOVERNANCE_NOT_CONFIRMED when it did not know them for a second and then not for another.
    /// </summary>
    public async ValueTask ConfirmAsync()
    {
        var confirmed = governance.Confirm();
        var state = (confirmed.IsRefused ? await governance.ConfirmAsync(Token) : confirmed).OrThrow();

        // The watch hears of a newer state no sooner than others do, and may not have looked at it yet.
        for (var plan = current; plan.Plan.Revision < state.RightsPosition; plan = current)
        {
            await WhenNot(plan).WaitAsync(Token);
        }
    }

    /// <summary>Throws why the stream must end, if it must: call it when <see cref="Token"/> ended something.</summary>
    public async Task ThrowIfEndedAsync()
    {
        if (Token.IsCancellationRequested && !call.IsCancellationRequested)
        {
            await running;
            throw (end ?? throw new UnreachableException("a watch ended without a reason")).ToException();
        }
    }

    /// <summary>Completes when the newest plan is another than this one.</summary>
    public Task WhenNot(ReadPlan plan)
    {
        var next = changed;
        return ReferenceEquals(current, plan) ? next.Task : Task.CompletedTask;
    }

    /// <summary>Stops watching.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopped.Dispose();
        ended.Dispose();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Whatever ends the watch ends the stream: nobody goes on reading under a plan that is not watched.
    private async Task WatchAsync()
    {
        try
        {
            await RunAsync();
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    private async Task RunAsync()
    {
        var seen = current.Plan.Revision;
        var beyond = governance.WaitBeyondAsync(seen, stopped.Token);
        while (true)
        {
            await Task.WhenAny(beyond, Task.Delay(Pause(), time, stopped.Token));
            stopped.Token.ThrowIfCancellationRequested();
            var state = await governance.ConfirmAsync(stopped.Token);
            if (state.IsRefused)
            {
                end = state.Refusal;
                return;
            }

            if (state.Value.RightsPosition > current.Plan.Revision || !current.Plan.IsCurrent(time.GetUtcNow()))
            {
                var newer = plans.Find(state.Value, caller, current.Plan.Resource.Id, current.Plan.Action, current.Plan.Purpose);
                if ((newer.Refusal ?? lost(current, newer.Value)) is { } refusal)
                {
                    end = refusal;
                    return;
                }

                var told = changed;
                (current, changed) = (newer.Value, New());
                told.SetResult();
            }

            if (state.Value.Position > seen)
            {
                seen = state.Value.Position;
                beyond = governance.WaitBeyondAsync(seen, stopped.Token);
            }
        }
    }

    private TimeSpan Pause() => current.Plan.ExpireTime - time.GetUtcNow() is { } left && left < LongestPause
        ? TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, left.Ticks))
        : LongestPause;
}
