using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Exchange.Policy.Conditions;
using Npgsql;

namespace Exchange.Server.Records.Subjects;

/// <summary>
/// A row of a subject table as PostgreSQL's `record_send` gives it: all columns in one value, so that a reader of many rows pays Npgsql's price of a
/// value once for a row instead of once for each column. It holds one row at a time. Not for concurrent use.
/// </summary>
/// <param name="columns">How many columns the row has.</param>
internal sealed class SubjectRow(int columns)
{
    private const int UsualBytes = 8 * 1024;
    private const int MostKept = 512 * 1024;
    private const int Null = -1;

    // Before each column its type and its length.
    private const int ColumnHeader = 8;

    private readonly (int Start, int Length)[] places = new (int, int)[columns];
    private byte[] bytes = new byte[UsualBytes];

    /// <summary>Takes the row from the first column of what the reader stands on.</summary>
    public void Load(NpgsqlDataReader reader)
    {
        if (bytes.Length > MostKept)
        {
            bytes = new byte[UsualBytes];
        }

        var length = (int)reader.GetBytes(0, 0, bytes, 0, bytes.Length);
        if (length == bytes.Length)
        {
            bytes = new byte[reader.GetBytes(0, 0, null, 0, 0)];
            reader.GetBytes(0, 0, bytes, 0, bytes.Length);
        }

        Load();
    }

    /// <summary>True when the column has no value.</summary>
    public bool IsNull(int ordinal) => places[ordinal].Length is Null;

    /// <summary>The column's bytes as the protocol's binary format has them. Valid until the next row.</summary>
    public ReadOnlySpan<byte> Bytes(int ordinal)
    {
        var (start, length) = places[ordinal];
        return bytes.AsSpan(start, length);
    }

    /// <summary>An `int`; also a `date`, in days since 2000-01-01.</summary>
    public int Int32(int ordinal) => BinaryPrimitives.ReadInt32BigEndian(Bytes(ordinal));

    /// <summary>A `bigint`; also a `timestamptz`, in microseconds since 2000-01-01T00:00:00Z.</summary>
    public long Int64(int ordinal) => BinaryPrimitives.ReadInt64BigEndian(Bytes(ordinal));

    /// <summary>A `uuid`.</summary>
    public Guid Uuid(int ordinal) => new(Bytes(ordinal), bigEndian: true);

    /// <summary>The value at this ordinal; missing for NULL. A POINT stands at this ordinal and the next.</summary>
    public FieldValue Value(int ordinal, FieldType type)
    {
        if (IsNull(ordinal))
        {
            return default;
        }

        return type switch
        {
            FieldType.Text => FieldValue.Text(Encoding.UTF8.GetString(Bytes(ordinal))),
            FieldType.Code => FieldValue.Code(Encoding.UTF8.GetString(Bytes(ordinal))),
            FieldType.Integer => FieldValue.Integer(Int64(ordinal)),
            FieldType.Decimal => FieldValue.Decimal(Numeric(Bytes(ordinal))),
            FieldType.Boolean => FieldValue.Boolean(Bytes(ordinal)[0] is not 0),
            FieldType.Date => FieldValue.Date(SqlValue.FromSqlDate(Int32(ordinal))),
            FieldType.Timestamp => FieldValue.Timestamp(SqlValue.FromSqlTimestamp(Int64(ordinal))),
            FieldType.TextList => FieldValue.TextList(TextArray(Bytes(ordinal))),
            FieldType.Point => FieldValue.Point(Double(ordinal), Double(ordinal + 1)),
            _ => throw new UnreachableException($"field type {type}"),
        };
    }

    /// <summary>True when what the source has for the code at this ordinal stands at the next.</summary>
    public bool IsSourced(int ordinal, SubjectColumn column) => column.IsSourced && !IsNull(ordinal + 1);

    /// <summary>The value of the field at this ordinal, of one of two columns also at the next.</summary>
    public FieldValue Value(int ordinal, SubjectColumn column) => !IsNull(ordinal) && IsSourced(ordinal, column)
        ? FieldValue.Code(SourcedCode.Of(Encoding.UTF8.GetString(Bytes(ordinal)), Encoding.UTF8.GetString(Bytes(ordinal + 1))))
        : Value(ordinal, column.Field.Type);

    private double Double(int ordinal) => BinaryPrimitives.ReadDoubleBigEndian(Bytes(ordinal));

    private void Load()
    {
        var found = BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (found != places.Length)
        {
            throw new InvalidOperationException($"a row has {found} columns, not {places.Length}");
        }

        var at = sizeof(int);
        for (var ordinal = 0; ordinal < places.Length; ordinal++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at + sizeof(int)));
            at += ColumnHeader;
            places[ordinal] = (at, length);
            at += Math.Max(0, length);
        }
    }

    /// <summary>A `numeric` of at most 28 digits: groups of four digits, the weight of the first, the sign, the digits after the point.</summary>
    private static decimal Numeric(ReadOnlySpan<byte> value)
    {
        var groups = BinaryPrimitives.ReadInt16BigEndian(value);
        var weight = BinaryPrimitives.ReadInt16BigEndian(value[2..]);
        var isNegative = BinaryPrimitives.ReadInt16BigEndian(value[4..]) is not 0;
        var scale = BinaryPrimitives.ReadInt16BigEndian(value[6..]);

        // All digits down to the scale as one number: what is between the last group and the scale are zeros, what is behind the scale is cut off.
        var digits = UInt128.Zero;
        var behindPoint = -4 * (weight + 1);
        for (var group = 0; group < groups; group++, behindPoint += 4)
        {
            digits = (digits * 10_000) + (ushort)BinaryPrimitives.ReadInt16BigEndian(value[(8 + (2 * group))..]);
        }

        for (; behindPoint < scale; behindPoint++)
        {
            digits *= 10;
        }

        for (; behindPoint > scale; behindPoint--)
        {
            digits /= 10;
        }

        if (digits >> 96 != UInt128.Zero)
        {
            throw new OverflowException("a number has more digits than the hub ever stored");
        }

        return new decimal((int)(uint)digits, (int)(uint)(digits >> 32), (int)(uint)(digits >> 64), isNegative, (byte)scale);
    }

    private static string[] TextArray(ReadOnlySpan<byte> value)
    {
        // Dimensions, a flag for nulls, the type of the items; then for the one dimension its length and its lower bound.
        if (BinaryPrimitives.ReadInt32BigEndian(value) is 0)
        {
            return [];
        }

        var items = new string[BinaryPrimitives.ReadInt32BigEndian(value[12..])];
        var rest = value[20..];
        for (var index = 0; index < items.Length; index++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            items[index] = Encoding.UTF8.GetString(rest.Slice(sizeof(int), length));
            rest = rest[(sizeof(int) + length)..];
        }

        return items;
    }
}
