using Exchange.Clients.Hub;
using Exchange.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Clients.Records;

/// <summary>
/// The call `Pull`, with a reader of its own for batches, which are nearly all that a pull is: it makes the objects that the generated code makes in two
/// thirds of the time, because it needs neither a limit and a codec for each value nor lists that grow. Whatever is not as hubs write it, also what a
/// later hub may add, it leaves to the generated code.
/// </summary>
internal static class PullMessages
{
    private const uint Batch = (PullResponse.BatchFieldNumber << 3) | WireSpan.Delimited;
    private const uint Rows = (RecordBatch.RowsFieldNumber << 3) | WireSpan.Delimited;
    private const uint PageToken = (RecordBatch.PageTokenFieldNumber << 3) | WireSpan.Delimited;
    private const uint RecordId = (RecordRow.RecordIdFieldNumber << 3) | WireSpan.Delimited;
    private const uint Version = (RecordRow.VersionFieldNumber << 3) | WireSpan.Varint;
    private const uint Values = (RecordRow.ValuesFieldNumber << 3) | WireSpan.Delimited;

    /// <summary>The call.</summary>
    public static Method<PullRequest, PullResponse> Pull { get; } =
        ReadMethod.Of<PullRequest, PullResponse>(RecordsService.Descriptor.FindMethodByName(nameof(Pull)), Read, PullResponse.Parser);

    /// <summary>Reads a message.</summary>
    public static PullResponse Read(ReadOnlySpan<byte> bytes) => new WireSpan(bytes).TryOnly(Batch, out var part) && TryBatch(part) is { } batch
        ? new PullResponse { Batch = batch }
        : PullResponse.Parser.ParseFrom(bytes);

    private static RecordBatch? TryBatch(ReadOnlySpan<byte> bytes)
    {
        var batch = new RecordBatch();
        var wire = new WireSpan(bytes);
        var columns = 0;
        while (!wire.IsEnd)
        {
            if (!wire.TryVarint(out var tag) || !wire.TryDelimited(out var part))
            {
                return null;
            }

            switch (tag)
            {
                case Rows when TryRow(part, columns) is { } row:
                    batch.Rows.Add(row);
                    columns = row.Values.Count;
                    break;
                case PageToken:
                    batch.PageToken = System.Text.Encoding.UTF8.GetString(part);
                    break;
                default:
                    return null;
            }
        }

        return batch;
    }

    private static RecordRow? TryRow(ReadOnlySpan<byte> bytes, int columns)
    {
        var row = new RecordRow();

        // No value takes less than its tag and its length.
        row.Values.Capacity = Math.Min(columns, bytes.Length / 2);
        var wire = new WireSpan(bytes);
        while (!wire.IsEnd)
        {
            if (!wire.TryVarint(out var tag))
            {
                return null;
            }

            switch (tag)
            {
                case Values when wire.TryDelimited(out var part) && WireValue.TryRead(part) is { } value:
                    row.Values.Add(value);
                    break;
                case RecordId when wire.TryDelimited(out var id):
                    row.RecordId = ByteString.CopyFrom(id);
                    break;
                case Version when wire.TryVarint(out var version):
                    row.Version = (long)version;
                    break;
                default:
                    return null;
            }
        }

        return row;
    }
}
