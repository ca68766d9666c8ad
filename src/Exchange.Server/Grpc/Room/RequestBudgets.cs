using Exchange.Server.Hosting;

namespace Exchange.Server.Grpc.Room;

/// <summary>The room for requests. Unary calls and streams have half of it each, so that neither keeps the other out.</summary>
internal sealed class RequestBudgets(HubOptions options)
{
    /// <summary>For unary calls.</summary>
    public RequestBudget Calls { get; } = new(options.RequestBytes / 2);

    /// <summary>For the batches of streams.</summary>
    public RequestBudget Streams { get; } = new(options.RequestBytes / 2);
}
