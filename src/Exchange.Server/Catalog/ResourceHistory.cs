using System.Globalization;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.EventStore;
using Exchange.Protos.Stored.V1;
using Exchange.Protos.V1;
using Exchange.Server.Governance;

namespace Exchange.Server.Catalog;

/// <summary>Tells from the log which revisions of a resource were published, and what is different between two.</summary>
internal sealed class ResourceHistory(EventLog log)
{
    private static readonly RefusalReason RevisionNotFound = new("REVISION_NOT_FOUND", RefusalKind.OutOfRange);

    /// <summary>One page of revisions, newest first, and the token of the next. Refused: a bad size or token, and a resource that was never published.</summary>
    public async Task<Result<(IReadOnlyList<Resource> Page, string NextToken)>> ListAsync(ResourceId resource, int size, string token, CancellationToken cancellationToken)
    {
        var revisions = await ReadAsync(resource, cancellationToken);
        return revisions.IsRefused
            ? revisions.Refusal
            : Paging.Cut(
                revisions.Value.AsEnumerable().Reverse().Select(revision => KeyValuePair.Create(KeyOf(revision), revision)), size, token, revision => revision.CalculateSize());
    }

    /// <summary>What is different between two revisions; 0 means the newest to end with, and the one before it to begin with.</summary>
    public async Task<Result<CompareResourceRevisionsResponse>> CompareAsync(ResourceId resource, int from, int to, CancellationToken cancellationToken)
    {
        var revisions = await ReadAsync(resource, cancellationToken);
        if (revisions.IsRefused)
        {
            return revisions.Refusal;
        }

        var all = revisions.Value;
        var last = to is 0 ? all[^1].Revision : to;
        var first = from is 0 ? last - 1 : from;
        if (all.FirstOrDefault(revision => revision.Revision == last) is not { } after)
        {
            return NoRevision(resource, last, all[^1].Revision);
        }

        var before = all.FirstOrDefault(revision => revision.Revision == first);
        return before is null && first is not 0
            ? NoRevision(resource, first, all[^1].Revision)
            : new CompareResourceRevisionsResponse { FromRevision = first, ToRevision = last, Differences = { ResourceDifferences.Between(before, after) } };
    }

    // Falls where revisions rise: pages go by rising keys.
    private static string KeyOf(Resource revision) => (int.MaxValue - revision.Revision).ToString("D10", CultureInfo.InvariantCulture);

    private static Refusal NoRevision(ResourceId resource, int asked, int newest) =>
        new(RevisionNotFound, $"`{resource}` has revisions 1 to {newest}, and no {asked}")
        {
            Metadata = new Dictionary<string, string> { ["resource"] = resource.ToString(), ["revision"] = $"{asked}", ["newest"] = $"{newest}" },
        };

    private async Task<Result<List<Resource>>> ReadAsync(ResourceId resource, CancellationToken cancellationToken)
    {
        List<Resource> revisions = [];
        await foreach (var stored in log.Reader.ReadStreamAsync(log.Partitions.Governance, GovernanceStreams.Resource(resource), 0, cancellationToken))
        {
            if (stored.Type is GovernanceEventTypes.ResourcePublished)
            {
                revisions.Add(ResourcePublished.Parser.ParseFrom(stored.Payload.Span).Resource);
            }
        }

        return revisions is [] ? ResourceLookup.Published(GovernanceState.Empty, resource).Refusal! : revisions;
    }
}
