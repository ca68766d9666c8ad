using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Server.Access;
using Exchange.Server.Feed;
using Exchange.Server.Governance;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Pull;

/// <summary>What a reader wants to pull, as it asked for it.</summary>
internal sealed record PullQuery
{
    // No request can say this.
    private const string HubOrder = "partition, opened_position";

    /// <summary>The resource.</summary>
    public required ResourceId Resource { get; init; }

    /// <summary>Names of the fields; none means every readable one.</summary>
    public required ImmutableArray<string> Fields { get; init; }

    /// <summary>The filter's text.</summary>
    public required string Filter { get; init; }

    /// <summary>The order's text; empty for the hub's own.</summary>
    public required string OrderBy { get; init; }

    /// <summary>Why.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>Where to go on; empty for the beginning.</summary>
    public required string PageToken { get; init; }

    /// <summary>Records at most; 0 means all.</summary>
    public required long Limit { get; init; }

    /// <summary>Stands for the query in checkpoints: a follow of the same fields and filter has the same.</summary>
    public byte[] Fingerprint => ReadFingerprint.Compute(Resource, Fields, Filter, Purpose);

    /// <summary>Stands for the query, and for the order that rows come in, in page tokens: a place is one in this order only.</summary>
    public byte[] OrderedFingerprint => ReadFingerprint.Compute(Resource, Fields, Filter, Purpose, OrderBy.Length is 0 ? HubOrder : OrderBy);

    /// <summary>Reads the request.</summary>
    public static Result<PullQuery> Parse(Proto.PullRequest request)
    {
        var resource = ResourceNames.Resource("resource", request.Resource);
        if (resource.IsRefused)
        {
            return resource.Refusal;
        }

        if (request.Limit < 0)
        {
            return Refusal.Invalid("limit", "OUT_OF_RANGE", "give how many records at most, or 0 for all");
        }

        return new PullQuery
        {
            Resource = resource.Value,
            Fields = [.. request.Fields],
            Filter = request.Filter,
            OrderBy = request.OrderBy,
            Purpose = (Purpose)request.Purpose,
            PageToken = request.PageToken,
            Limit = request.Limit,
        };
    }

    /// <summary>What the query shows under a plan, or why it shows nothing: all that is wrong with fields, filter and order.</summary>
    public Result<PullView> Under(ReadPlan plan)
    {
        var fields = ReadSelection.Fields(plan.Plan, Fields);
        var filter = ReadSelection.Filter(plan.Plan, Filter, FilterUse.Pull);
        var order = PullOrder.Parse(plan.Plan, OrderBy);
        Refusal[] refusals = [.. new[] { fields.Refusal, filter.Refusal, order.Refusal }.OfType<Refusal>()];
        return refusals switch
        {
            [] => new PullView(plan, fields.Value, filter.Value, order.Value.Order),
            [var only] => only,
            _ when Array.Find(refusals, refusal => refusal.Reason != RefusalReason.BadRequest) is { } denied => denied,
            _ => Refusal.Invalid([.. refusals.SelectMany(refusal => refusal.Violations)]),
        };
    }
}
