using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Server.Access;
using Exchange.Server.Governance;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Feed;

/// <summary>What a reader wants to follow, as it asked for it.</summary>
internal sealed record FeedQuery
{
    /// <summary>The resource.</summary>
    public required ResourceId Resource { get; init; }

    /// <summary>Names of the fields; none means every readable one.</summary>
    public required ImmutableArray<string> Fields { get; init; }

    /// <summary>The filter's text.</summary>
    public required string Filter { get; init; }

    /// <summary>Why.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>Where to begin: a checkpoint; empty for one that does not say.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>True: from the first event.</summary>
    public required bool FromBeginning { get; init; }

    /// <summary>Stands for the query in checkpoints.</summary>
    public byte[] Fingerprint => field ??= ReadFingerprint.Compute(Resource, Fields, Filter, Purpose);

    /// <summary>Reads the request.</summary>
    public static Result<FeedQuery> Parse(Proto.FollowRequest request)
    {
        var resource = ResourceNames.Resource("resource", request.Resource);
        if (resource.IsRefused)
        {
            return resource.Refusal;
        }

        if (request is { FromCase: Proto.FollowRequest.FromOneofCase.Checkpoint, Checkpoint: "" })
        {
            return FeedReasons.CheckpointInvalid;
        }

        return new FeedQuery
        {
            Resource = resource.Value,
            Fields = [.. request.Fields],
            Filter = request.Filter,
            Purpose = (Purpose)request.Purpose,
            Checkpoint = request.FromCase is Proto.FollowRequest.FromOneofCase.Checkpoint ? request.Checkpoint : "",
            FromBeginning = request is { FromCase: Proto.FollowRequest.FromOneofCase.Beginning, Beginning: true },
        };
    }

    /// <summary>What the query shows under a plan, or why it shows nothing.</summary>
    public Result<FeedView> Under(ReadPlan plan)
    {
        var fields = ReadSelection.Fields(plan.Plan, Fields);
        if (fields.IsRefused)
        {
            return fields.Refusal;
        }

        var filter = ReadSelection.Filter(plan.Plan, Filter, FilterUse.Follow);
        return filter.IsRefused ? filter.Refusal : new FeedView(plan, fields.Value, filter.Value);
    }
}
