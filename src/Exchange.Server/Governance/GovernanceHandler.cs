using Exchange.Catalog.Governance;
using Exchange.EventStore.Appending;
using Npgsql;

namespace Exchange.Server.Governance;

/// <summary>
/// Takes part in the append transactions of the governance partition: catches this node's state up to the head under the partition's lock, so that
/// a command is decided on everything committed before it, on whatever node.
/// </summary>
internal sealed class GovernanceHandler(GovernanceStore store) : IAppendHandler
{
    /// <inheritdoc/>
    public IAppendParticipant Join(IReadOnlyList<AppendUnit> units) => new Participant(units[0].Partition, store.Current);

    private sealed class Participant(int partition, GovernanceState state) : IAppendParticipant
    {
        private const string SelectNewer = """
            SELECT position, type, payload
            FROM log.event
            WHERE partition = $1 AND position > $2
            ORDER BY position
            """;

        private GovernanceState current = state;

        public void AddReads(ReadBatch batch)
        {
            var command = batch.Add(SelectNewer, async (reader, cancellationToken) =>
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    current = current.Apply(GovernanceEventMap.FromStored(reader.GetString(1), reader.GetFieldValue<byte[]>(2)), reader.GetInt64(0));
                }
            });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = partition });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = current.Position });
        }

        public void Decide(AppendUnit unit, AppendContext context)
        {
            var governance = (GovernanceUnit)unit;
            var decision = governance.Decide(current, context.RecordedAt);
            if (decision.IsRefused)
            {
                context.Refuse(decision.Refusal);
                return;
            }

            // All of them were decided before the first.
            if (decision.Value.Events is not [])
            {
                context.GovernancePosition = current.Position;
            }

            foreach (var happened in decision.Value.Events)
            {
                var (type, payload) = GovernanceEventMap.ToStored(happened, current);
                var place = context.Append(governance.StreamOf(happened), type, payload);
                current = current.Apply(happened, place.Position);
            }
        }

        public void AddWrites(WriteBatch batch)
        {
        }
    }
}
