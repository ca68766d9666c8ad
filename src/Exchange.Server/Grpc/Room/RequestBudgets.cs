using System.Diagnostics.Metrics;
using Exchange.Catalog;
using Exchange.Server.Hosting;

namespace Exchange.Server.Grpc.Room;

/// <summary>
/// The room for requests. Unary calls and streams have half of it each, so that neither keeps the other out. Gauges tell what is left, who has the rest
/// and how many wait.
/// </summary>
internal sealed class RequestBudgets
{
    /// <summary>The meter of the gauges.</summary>
    public const string Meter = "Exchange.Server";

    /// <summary>Bytes left, by form of call: `calls` are unary, `streams` push.</summary>
    public const string Left = "exchange.requests.room.left";

    /// <summary>Bytes taken, by form and client.</summary>
    public const string Taken = "exchange.requests.room.taken";

    /// <summary>Batches that wait for room, by form and client.</summary>
    public const string Waiting = "exchange.requests.room.waiting";

    /// <summary>Divides the node's room.</summary>
    public RequestBudgets(HubOptions options, IMeterFactory meters)
    {
        (Calls, Streams) = (new RequestBudget(options.RequestBytes / 2), new RequestBudget(options.RequestBytes / 2));
        var meter = meters.Create(Meter);
        meter.CreateObservableGauge(
            Left, () => Forms.Select(form => new Measurement<long>(form.Budget.Left, new KeyValuePair<string, object?>("form", form.Name))), "By", "Room that nobody has taken.");
        meter.CreateObservableGauge(Taken, () => ByClient(holder => holder.Taken), "By", "Room that a client has taken.");
        meter.CreateObservableGauge(Waiting, () => ByClient(holder => holder.Waiting), "{batch}", "Batches of a client that wait for room.");
    }

    /// <summary>For unary calls.</summary>
    public RequestBudget Calls { get; }

    /// <summary>For the batches of streams.</summary>
    public RequestBudget Streams { get; }

    private IEnumerable<(string Name, RequestBudget Budget)> Forms => [("calls", Calls), ("streams", Streams)];

    private IEnumerable<Measurement<long>> ByClient(Func<(ClientId Client, long Taken, int Waiting), long> value) =>
        from form in Forms
        from holder in form.Budget.Holders
        select new Measurement<long>(value(holder), new("form", form.Name), new("client", holder.Client.Value));
}
