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
        var asked = Paging.Read(size, token);
        if (asked.IsRefused)
        {
            return asked.Refusal;
        }

        if (!int.TryParse(asked.Value.After ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var before))
        {
            return Paging.ForeignToken;
        }

        // As many as the page may have, and no more bytes than it may: the newest of those before the token's.
        var kept = new LinkedList<Resource>();
        var bytes = 0;
        var read = await ReadAsync(
            resource,
            revision =>
            {
                if (before is 0 || revision.Revision < before)
                {
                    kept.AddFirst(revision);
                    bytes += revision.CalculateSize();
                    while (kept.Count > 1 && (kept.Count > asked.Value.Size || bytes > Paging.LargestBytes))
                    {
                        bytes -= kept.Last!.Value.CalculateSize();
                        kept.RemoveLast();
                    }
                }
            },
            cancellationToken);
        return read.IsRefused
            ? read.Refusal
            : ((IReadOnlyList<Resource>)[.. kept], kept.Last?.Value.Revision is > 1 and var last ? Paging.TokenAfter(last.ToString(CultureInfo.InvariantCulture)) : "");
    }

    /// <summary>What is different between two revisions; 0 means the newest to end with, and the one before it to begin with.</summary>
    public async Task<Result<CompareResourceRevisionsResponse>> CompareAsync(ResourceId resource, int from, int to, CancellationToken cancellationToken)
    {
        // Without numbers the last two are kept as they come by.
        Resource? before = null, after = null;
        var newest = await ReadAsync(
            resource,
            revision =>
            {
                if (to is 0 || revision.Revision == to)
                {
                    (before, after) = (from is 0 && to is 0 ? after : before, revision);
                }

                if (revision.Revision == (from is 0 ? to - 1 : from))
                {
                    before = revision;
                }
            },
            cancellationToken);
        if (newest.IsRefused)
        {
            return newest.Refusal;
        }

        var last = to is 0 ? newest.Value : to;
        var first = from is 0 ? last - 1 : from;
        if (after is null || (before is null && first is not 0))
        {
            return NoRevision(resource, after is null ? last : first, newest.Value);
        }

        var (differences, count) = ResourceDifferences.Cut(ResourceDifferences.Between(before, after));
        return new CompareResourceRevisionsResponse { FromRevision = first, ToRevision = last, Differences = { differences }, DifferenceCount = count };
    }

    private static Refusal NoRevision(ResourceId resource, int asked, int newest) =>
        new(RevisionNotFound, $"`{resource}` has revisions 1 to {newest}, and no {asked}")
        {
            Metadata = new Dictionary<string, string> { ["resource"] = resource.ToString(), ["revision"] = $"{asked}", ["newest"] = $"{newest}" },
        };

    // Shows every revision, oldest first; the number of the newest.
    private async Task<Result<int>> ReadAsync(ResourceId resource, Action<Resource> show, CancellationToken cancellationToken)
    {
        var newest = 0;
        await foreach (var stored in log.Reader.ReadStreamAsync(log.Partitions.Governance, GovernanceStreams.Resource(resource), 0, cancellationToken))
        {
            if (stored.Type is GovernanceEventTypes.ResourcePublished)
            {
                var revision = ResourcePublished.Parser.ParseFrom(stored.Payload.Span).Resource;
                newest = revision.Revision;
                show(revision);
            }
        }

        return newest is 0 ? ResourceLookup.Published(GovernanceState.Empty, resource).Refusal! : newest;
    }
}
