using Exchange.Catalog.Records;
using Exchange.EventStore;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Records.Events;
using Google.Protobuf;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Proposals;

/// <summary>What the record's events tell of a proposal: for its two sides only.</summary>
internal sealed class ProposalContent
{
    private readonly Dictionary<int, Proto.Value> values = [];
    private readonly HashSet<int> changed = [];

    /// <summary>Proposed values by field number; `clear` for a removal. None where a dispute says none or the record was erased.</summary>
    public IReadOnlyDictionary<int, Proto.Value> Values => values;

    /// <summary>Numbers of fields that were written since, or, of a disputed one, since it was read.</summary>
    public IReadOnlyCollection<int> Changed => changed;

    /// <summary>Why a value is disputed.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Version that the disputed value was read at; 0 for none.</summary>
    public long ReadVersion { get; private set; }

    /// <summary>Why it was decided so.</summary>
    public string DecisionReason { get; private set; } = "";

    /// <summary>Numbers of the accepted fields.</summary>
    public IReadOnlyCollection<int> Accepted { get; private set; } = [];

    /// <summary>Version of the record now.</summary>
    public long RecordVersion { get; private set; }

    /// <summary>Position of its last event.</summary>
    public long Position { get; private set; }

    /// <summary>Reads it.</summary>
    public static async Task<ProposalContent> ReadAsync(EventLog log, ProposalRow row, CancellationToken cancellationToken)
    {
        var content = new ProposalContent();
        var keys = await log.Keys.LoadAsync([(row.Partition, row.RecordId)], cancellationToken);
        await foreach (var stored in log.Reader.ReadStreamAsync(row.Partition, row.RecordId, row.Proposal.Version - 1, cancellationToken))
        {
            (content.RecordVersion, content.Position) = (stored.Version, stored.Position);
            if (RecordEvent.Parse(stored) is not { } recordEvent)
            {
                continue;
            }

            if (stored.Version == row.Proposal.Version)
            {
                foreach (var (number, value) in recordEvent.Unseal(keys).Changes)
                {
                    content.values[number] = value.IsMissing ? new Proto.Value { Clear = true } : ValueMap.ToProto(value);
                }

                if (stored.Type is RecordEventTypes.ValueDisputed)
                {
                    var disputed = ValueDisputed.Parser.ParseFrom(stored.Payload.Span);
                    (content.Reason, content.ReadVersion) = (ReasonOf(disputed.Reason, disputed.Sealed), disputed.ReadVersion);
                }
            }
            else if (stored.Version == row.DecidedVersion)
            {
                var decided = ProposalDecided.Parser.ParseFrom(stored.Payload.Span);
                (content.DecisionReason, content.Accepted) = (ReasonOf(decided.Reason, decided.Sealed), decided.Accepted);
            }
            else
            {
                content.Compare(recordEvent, row);
            }

            string ReasonOf(string plain, ByteString secret) =>
                secret.IsEmpty || keys.Open(stored.Partition, stored.StreamId, secret.Span) is not { } opened ? plain : SealedChanges.Parser.ParseFrom(opened).Reason is { Length: > 0 } reason ? reason : plain;
        }

        // The value that is disputed was read some time before the dispute.
        if (row.Proposal.IsDispute)
        {
            var since = log.Reader.ReadStreamAsync(row.Partition, row.RecordId, content.ReadVersion, cancellationToken);
            await foreach (var stored in since.TakeWhile(stored => stored.Version < row.Proposal.Version))
            {
                if (RecordEvent.Parse(stored) is { } recordEvent)
                {
                    content.Compare(recordEvent, row);
                }
            }
        }

        return content;
    }

    private void Compare(RecordEvent recordEvent, ProposalRow row)
    {
        if (!recordEvent.IsProposal)
        {
            changed.UnionWith(recordEvent.Changes.Select(change => change.Number).Concat(recordEvent.SealedFields).Intersect(row.Proposal.Fields));
        }
    }
}
