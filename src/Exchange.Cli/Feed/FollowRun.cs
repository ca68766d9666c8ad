using Exchange.Cli.Terminal;
using Exchange.Clients.Export;
using Exchange.Clients.Feed;
using Exchange.Protos.V1;

namespace Exchange.Cli.Feed;

/// <summary>Writes what a feed brings, as far as nothing is missing in it.</summary>
/// <param name="output">For notes.</param>
/// <param name="stream">The feed.</param>
/// <param name="writer">Where changes go.</param>
/// <param name="heads">Positions with which it has caught up and ends; null to go on for ever.</param>
/// <param name="hasNoHeader">True when the columns are still to be written.</param>
internal sealed class FollowRun(Output output, FollowStream stream, RowWriter writer, IReadOnlyDictionary<int, long>? heads, bool hasNoHeader)
{
    private IReadOnlyList<Column> _columns = [];

    /// <summary>True: a batch is on disk before its checkpoint, which is stored when the next message is asked for.</summary>
    public bool IsDurable { get; init; }

    /// <summary>Changes written.</summary>
    public long Changes { get; private set; }

    /// <summary>Follows until it has caught up or something is missing.</summary>
    /// <param name="progress">Told the positions covered and the changes written.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Action<long, long> progress, CancellationToken cancellationToken)
    {
        var start = stream.Coverage.Through;
        await foreach (var message in stream.WithCancellation(cancellationToken))
        {
            if (!stream.Coverage.IsContiguous)
            {
                // Neither this message nor its checkpoint: the next start goes on where nothing was missing yet.
                var gap = stream.Coverage.Gaps[0];
                output.Note($"positions {gap.After + 1} to {gap.Through} of partition {gap.Partition} are missing: nothing after them is written; start again to fetch them");
                return;
            }

            await WriteAsync(message, cancellationToken);
            progress(Covered(start), Changes);
            if (heads is not null && stream.Coverage.Covers(heads))
            {
                await stream.CommitAsync(cancellationToken);
                return;
            }
        }
    }

    private async Task WriteAsync(FollowResponse message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case { Start: not null } when !_columns.SequenceEqual(stream.Columns):
                if (hasNoHeader || _columns.Count > 0)
                {
                    await writer.BeginChangesAsync(stream.Columns, cancellationToken);
                }

                _columns = stream.Columns;
                break;
            case { Batch: { } batch }:
                await writer.WriteAsync(batch, _columns, cancellationToken);
                if (IsDurable)
                {
                    await writer.ToDiskAsync(cancellationToken);
                }

                Changes += batch.Changes.Count;
                break;
            case { Backfill: { } backfill }:
                output.Note($"you may read more than before (policy revision {backfill.Revision}): pull again, or follow --from-beginning, for what was withheld until now");
                break;
            default:
                break;
        }
    }

    private long Covered(IReadOnlyDictionary<int, long> start)
    {
        var through = stream.Coverage.Through;
        return heads?.Sum(h => Math.Max(0, Math.Min(h.Value, through.GetValueOrDefault(h.Key)) - start.GetValueOrDefault(h.Key))) ?? 0;
    }
}
