using System.Collections.Immutable;
using Exchange.Catalog.Records;
using Exchange.Server.Records.Events;
using Google.Protobuf;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Deciding;

/// <summary>
/// What became of the records of one unit, in their order, as bytes that are kept with the idempotency key: a repeat gets the same receipt. Equal
/// errors are kept once. Stored for good: a new layout gets a new first byte.
/// </summary>
internal sealed class UnitOutcome
{
    private const byte Version = 1;

    private readonly WireBuffer records = new(256);
    private readonly WireBuffer errors = new(16);
    private readonly Dictionary<FieldError, int> known = [];
    private int count;

    /// <summary>Adds the next record's outcome.</summary>
    public void Add(RecordOutcome outcome, long version, ImmutableArray<FieldError> recordErrors)
    {
        count++;
        records.Unsigned((ulong)outcome);
        records.Unsigned((ulong)version);
        records.Unsigned((ulong)recordErrors.Length);
        foreach (var error in recordErrors)
        {
            records.Unsigned((ulong)NumberOf(error));
        }
    }

    /// <summary>The bytes.</summary>
    public byte[] ToBytes()
    {
        var buffer = new WireBuffer(records.Length + errors.Length + 16);
        buffer.Raw([Version]);
        buffer.Unsigned((ulong)known.Count);
        buffer.Raw(errors.Written);
        buffer.Unsigned((ulong)count);
        buffer.Raw(records.Written);
        return buffer.Written.ToArray();
    }

    /// <summary>Reads the results back, without record ids.</summary>
    public static IReadOnlyList<Proto.RecordResult> Read(ReadOnlyMemory<byte> bytes)
    {
        using var input = new CodedInputStream(bytes.ToArray());
        if (input.ReadUInt32() is not Version)
        {
            throw new InvalidDataException("a unit's outcome is of an unknown version");
        }

        var errors = new Proto.FieldError[input.ReadUInt32()];
        for (var index = 0; index < errors.Length; index++)
        {
            errors[index] = new Proto.FieldError { Field = input.ReadString(), Reason = input.ReadString(), Message = input.ReadString() };
        }

        var results = new Proto.RecordResult[input.ReadUInt32()];
        for (var index = 0; index < results.Length; index++)
        {
            results[index] = new Proto.RecordResult { Outcome = (Proto.RecordOutcome)input.ReadUInt32(), Version = input.ReadInt64() };
            for (var left = input.ReadUInt32(); left > 0; left--)
            {
                results[index].Errors.Add(errors[input.ReadUInt32()]);
            }
        }

        return results;
    }

    private int NumberOf(FieldError error)
    {
        if (!known.TryGetValue(error, out var number))
        {
            number = known.Count;
            known.Add(error, number);
            errors.Text(error.Field);
            errors.Text(error.Reason);
            errors.Text(error.Message);
        }

        return number;
    }
}
