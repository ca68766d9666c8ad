using System.Collections.Immutable;
using Exchange.Catalog.Records;
using Exchange.Server.Records.Events;

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

    /// <summary>Reads the answers back, each to its place among those of the batch.</summary>
    public static void Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> places, Span<RecordAnswer> answers)
    {
        var reader = new WireReader(bytes);
        if (reader.Unsigned() is not Version)
        {
            throw new InvalidDataException("a unit's outcome is of an unknown version");
        }

        var errors = new FieldError[reader.Unsigned()];
        for (var index = 0; index < errors.Length; index++)
        {
            errors[index] = new FieldError(reader.Text(), reader.Text(), reader.Text());
        }

        if (reader.Unsigned() != (ulong)places.Length)
        {
            throw new InvalidDataException("a unit's outcome is of another number of records than the unit");
        }

        for (var index = 0; index < places.Length; index++)
        {
            var (outcome, version) = ((RecordOutcome)reader.Unsigned(), (long)reader.Unsigned());
            answers[places[index]] = new RecordAnswer(outcome, version, ReadErrors(ref reader, errors));
        }

        if (reader.IsOdd || !reader.AtEnd)
        {
            throw new InvalidDataException("a unit's outcome is not in the form that the hub writes");
        }
    }

    private static ImmutableArray<FieldError> ReadErrors(ref WireReader reader, FieldError[] known)
    {
        var count = (int)reader.Unsigned();
        if (count is 0)
        {
            return [];
        }

        var errors = ImmutableArray.CreateBuilder<FieldError>(count);
        for (var left = count; left > 0; left--)
        {
            errors.Add(known[reader.Unsigned()]);
        }

        return errors.MoveToImmutable();
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
