using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.EventStore;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Policies;

/// <summary>Tells from the log how policy rows were set and removed. All rows share one stream, so that it is read without the rest of governance.</summary>
internal sealed class PolicyHistory(EventLog log)
{
    /// <summary>The changes of one row, or of all, oldest first, by keys for paging.</summary>
    public async Task<IReadOnlyList<KeyValuePair<string, Proto.PolicyChange>>> ReadAsync(PolicyRowId? row, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, Proto.PolicyChange>> changes = [];
        Dictionary<PolicyRowId, PolicyRow> standing = [];
        await foreach (var stored in log.Reader.ReadStreamAsync(log.Partitions.Governance, GovernanceStreams.Policies, 0, cancellationToken))
        {
            var change = new Proto.PolicyChange
            {
                Position = stored.Position,
                ChangeTime = Timestamp.FromDateTimeOffset(stored.RecordedAt),
                Department = DepartmentMap.NameOf(new DepartmentId(stored.Caller)),
                Client = stored.Client,
            };
            PolicyRowId changed;
            switch (GovernanceEventMap.FromStored(stored.Type, stored.Payload.Span))
            {
                case GovernanceEvent.PolicyRowSet e:
                    (changed, standing[e.Row.Id]) = (e.Row.Id, e.Row);
                    (change.Kind, change.Row, change.Reason) = (Proto.PolicyChangeKind.Set, e.Row.ToProto(), e.Row.Reason);
                    break;
                case GovernanceEvent.PolicyRowRemoved e when standing.Remove(e.Row, out var removed):
                    changed = e.Row;
                    (change.Kind, change.Row, change.Reason) = (Proto.PolicyChangeKind.Removed, removed.ToProto(), e.Reason);
                    break;
                default:
                    throw new InvalidDataException($"event {stored.Position} of the governance partition does not belong into the stream of policies");
            }

            if (row is null || row == changed)
            {
                changes.Add(new($"{stored.Version:D19}", change));
            }
        }

        return changes;
    }
}
