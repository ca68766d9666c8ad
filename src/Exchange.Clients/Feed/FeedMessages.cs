using System.Text;
using Exchange.Clients.Hub;
using Exchange.Protos.V1;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;

namespace Exchange.Clients.Feed;

/// <summary>
/// The call `Follow`, with a reader of its own for batches, as pulls have one: it makes the objects that the generated code makes, and knows besides that
/// a change often has the columns and the department of the one before it.
/// </summary>
internal static class FeedMessages
{
    private const uint Batch = (FollowResponse.BatchFieldNumber << 3) | WireSpan.Delimited;
    private const uint Ranges = (FeedBatch.CoverageFieldNumber << 3) | WireSpan.Delimited;
    private const uint Changes = (FeedBatch.ChangesFieldNumber << 3) | WireSpan.Delimited;
    private const uint Checkpoint = (FeedBatch.CheckpointFieldNumber << 3) | WireSpan.Delimited;
    private const uint RangePartition = (Coverage.PartitionFieldNumber << 3) | WireSpan.Varint;
    private const uint After = (Coverage.AfterFieldNumber << 3) | WireSpan.Varint;
    private const uint Through = (Coverage.ThroughFieldNumber << 3) | WireSpan.Varint;
    private const uint RecordId = (Change.RecordIdFieldNumber << 3) | WireSpan.Delimited;
    private const uint Kind = (Change.KindFieldNumber << 3) | WireSpan.Varint;
    private const uint Partition = (Change.PartitionFieldNumber << 3) | WireSpan.Varint;
    private const uint Position = (Change.PositionFieldNumber << 3) | WireSpan.Varint;
    private const uint Version = (Change.VersionFieldNumber << 3) | WireSpan.Varint;
    private const uint RecordTime = (Change.RecordTimeFieldNumber << 3) | WireSpan.Delimited;
    private const uint Department = (Change.DepartmentFieldNumber << 3) | WireSpan.Delimited;
    private const uint Columns = (Change.ColumnsFieldNumber << 3) | WireSpan.Delimited;
    private const uint Values = (Change.ValuesFieldNumber << 3) | WireSpan.Delimited;
    private const uint Withdrawn = (Change.WithdrawnColumnsFieldNumber << 3) | WireSpan.Delimited;
    private const uint Omitted = (Change.OmittedColumnsFieldNumber << 3) | WireSpan.Delimited;

    /// <summary>The call.</summary>
    public static Method<FollowRequest, FollowResponse> Follow { get; } =
        ReadMethod.Of<FollowRequest, FollowResponse>(FeedService.Descriptor.FindMethodByName(nameof(Follow)), Read, FollowResponse.Parser);

    /// <summary>Reads a message.</summary>
    public static FollowResponse Read(ReadOnlySpan<byte> bytes) => new WireSpan(bytes).TryOnly(Batch, out var part) && TryBatch(part) is { } batch
        ? new FollowResponse { Batch = batch }
        : FollowResponse.Parser.ParseFrom(bytes);

    private static FeedBatch? TryBatch(ReadOnlySpan<byte> bytes)
    {
        var batch = new FeedBatch();
        var wire = new WireSpan(bytes);
        var earlier = default(Earlier);
        while (!wire.IsEnd)
        {
            if (!wire.TryVarint(out var tag) || !wire.TryDelimited(out var part))
            {
                return null;
            }

            switch (tag)
            {
                case Changes when TryChange(part, ref earlier) is { } change:
                    batch.Changes.Add(change);
                    break;
                case Ranges when TryRange(part) is { } range:
                    batch.Coverage.Add(range);
                    break;
                case Checkpoint:
                    batch.Checkpoint = Encoding.UTF8.GetString(part);
                    break;
                default:
                    return null;
            }
        }

        return batch;
    }

    private static Coverage? TryRange(ReadOnlySpan<byte> bytes)
    {
        var range = new Coverage();
        var wire = new WireSpan(bytes);
        while (!wire.IsEnd)
        {
            if (!wire.TryVarint(out var tag) || !wire.TryVarint(out var number))
            {
                return null;
            }

            switch (tag)
            {
                case RangePartition:
                    range.Partition = (int)number;
                    break;
                case After:
                    range.After = (long)number;
                    break;
                case Through:
                    range.Through = (long)number;
                    break;
                default:
                    return null;
            }
        }

        return range;
    }

    private static Change? TryChange(ReadOnlySpan<byte> bytes, ref Earlier earlier)
    {
        var change = new Change();
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
                    change.Values.Add(value);
                    break;
                case RecordId when wire.TryDelimited(out var id):
                    change.RecordId = ByteString.CopyFrom(id);
                    break;
                case Kind when wire.TryVarint(out var kind):
                    change.Kind = (ChangeKind)(int)kind;
                    break;
                case Partition when wire.TryVarint(out var partition):
                    change.Partition = (int)partition;
                    break;
                case Position when wire.TryVarint(out var position):
                    change.Position = (long)position;
                    break;
                case Version when wire.TryVarint(out var version):
                    change.Version = (long)version;
                    break;

                // One that comes twice is merged.
                case RecordTime when change.RecordTime is null && wire.TryDelimited(out var part) && WireValue.TryReadTime(part) is { } time:
                    change.RecordTime = time;
                    break;
                case Department when wire.TryDelimited(out var name):
                    change.Department = earlier.Department(name);
                    break;
                case Columns when change.Columns.Count is 0 && change.Values.Count is 0 && wire.TryDelimited(out var part) && earlier.TryColumns(part, change.Columns):
                    change.Values.Capacity = change.Columns.Count;
                    break;
                case Withdrawn when wire.TryDelimited(out var part) && TryNumbers(part, change.WithdrawnColumns):
                    break;
                case Omitted when wire.TryDelimited(out var part) && TryNumbers(part, change.OmittedColumns):
                    break;
                default:
                    return null;
            }
        }

        return change;
    }

    private static bool TryNumbers(ReadOnlySpan<byte> bytes, RepeatedField<int> target)
    {
        var wire = new WireSpan(bytes);
        while (!wire.IsEnd)
        {
            if (!wire.TryVarint(out var number))
            {
                return false;
            }

            target.Add((int)number);
        }

        return true;
    }

    // What was read last of that which changes have in common.
    private ref struct Earlier
    {
        private ReadOnlySpan<byte> _department;
        private string? _name;
        private ReadOnlySpan<byte> _columns;
        private RepeatedField<int>? _numbers;

        public string Department(ReadOnlySpan<byte> text)
        {
            if (_name is null || !text.SequenceEqual(_department))
            {
                _department = text;
                _name = Encoding.UTF8.GetString(text);
            }

            return _name;
        }

        public bool TryColumns(ReadOnlySpan<byte> bytes, RepeatedField<int> target)
        {
            if (_numbers is not null && bytes.SequenceEqual(_columns))
            {
                target.AddRange(_numbers);
                return true;
            }

            _columns = bytes;
            _numbers = target;
            return TryNumbers(bytes, target);
        }
    }
}
