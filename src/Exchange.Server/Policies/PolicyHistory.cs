using System.Globalization;
using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.EventStore.Reading;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Policies;

/// <summary>Tells from the log how policy rows were set and removed, oldest first. A page reads a bounded piece of the log, from where its token says.</summary>
internal sealed class PolicyHistory(EventLog log)
{
    // All governance is looked through where all rows are asked for: such a page may come back short, with where to go on.
    private const int MostEvents = 1_000;

    /// <summary>One page of the changes of one row, or of all, and the token of the next. Refused: a bad size or token, and a row that never was.</summary>
    public async Task<Result<(IReadOnlyList<Proto.PolicyChange> Changes, string NextToken)>> ReadAsync(
        PolicyRowId? row, int size, string token, CancellationToken cancellationToken)
    {
        var asked = Paging.Read(size, token);
        if (asked.IsRefused)
        {
            return asked.Refusal;
        }

        // A place is a version in the stream of one row, and a position in all of governance.
        if (!long.TryParse(asked.Value.After ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var place))
        {
            return Paging.ForeignToken;
        }

        var partition = log.Partitions.Governance;
        var head = row is null ? (await log.Reader.ReadHeadsAsync([partition], cancellationToken))[partition] : 0;
        var events = row is { } named
            ? log.Reader.ReadStreamAsync(partition, GovernanceStreams.PolicyRow(named), place, cancellationToken)
            : (await log.Reader.ReadPartitionAsync(partition, place, MostEvents, Paging.LargestBytes, cancellationToken)).ToAsyncEnumerable();
        List<Proto.PolicyChange> changes = [];
        var bytes = 0;
        await foreach (var stored in events)
        {
            if (Change(stored) is { } change)
            {
                bytes += change.CalculateSize();
                if (changes.Count == asked.Value.Size || (bytes > Paging.LargestBytes && changes.Count > 0))
                {
                    return (changes, TokenAfter(place));
                }

                changes.Add(change);
            }

            place = row is null ? stored.Position : stored.Version;
        }

        return row is { IsBase: false } only && place is 0
            ? PolicyReasons.NeverSet(only)
            : (changes, place < head ? TokenAfter(place) : "");
    }

    private static string TokenAfter(long place) => Paging.TokenAfter(place.ToString(CultureInfo.InvariantCulture));

    private static Proto.PolicyChange? Change(StoredEvent stored)
    {
        var change = new Proto.PolicyChange
        {
            Position = stored.Position,
            ChangeTime = Timestamp.FromDateTimeOffset(stored.RecordedAt),
            Department = DepartmentMap.NameOf(new DepartmentId(stored.Caller)),
            Client = stored.Client,
        };
        switch (stored.Type)
        {
            case GovernanceEventTypes.PolicyRowSet:
                var set = PolicyRowSet.Parser.ParseFrom(stored.Payload.Span);
                (change.Kind, change.Row, change.Reason) = (Proto.PolicyChangeKind.Set, set.Row, set.Row.Reason);
                return change;
            case GovernanceEventTypes.PolicyRowRemoved:
                var removed = PolicyRowRemoved.Parser.ParseFrom(stored.Payload.Span);
                (change.Kind, change.Row, change.Reason) = (Proto.PolicyChangeKind.Removed, removed.Row ?? new Proto.PolicyRow { Name = removed.Name }, removed.Reason);
                return change;
            default:
                return null;
        }
    }
}
