using System.Buffers;
using System.Security.Cryptography;
using Exchange.Policy.Conditions;
using Exchange.Protos.V1;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Reading;
using Exchange.Server.Tests.Records.Subjects;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using NamedValue = Exchange.Protos.V1.NamedValue;
using FieldType = Exchange.Policy.Conditions.FieldType;
using Record = Exchange.Protos.V1.Record;

namespace Exchange.Server.Tests.Records.Reading;

public sealed class RecordFrameTests
{
    private static readonly FieldType[] Types = [.. System.Enum.GetValues<FieldType>().Where(type => type is not FieldType.Unspecified)];

    [Fact]
    public void A_frame_is_what_generated_code_would_write_and_its_tag_is_of_all_else()
    {
        var (random, rows) = (new Random(1), new RandomRows(1));
        for (var number = 0; number < 2_000; number++)
        {
            var (name, version) = ($"resources/r/records/{Guid.NewGuid()}", random.NextInt64(3) is 0 ? 0 : random.NextInt64(long.MaxValue));
            var (created, updated) = (Moment(random), Moment(random));
            var frame = new RecordFrame(name, version);
            var expected = new Record { Name = name, Version = version, CreateTime = Time(created), UpdateTime = Time(updated) };
            for (var values = random.Next(30); values > 0; values--)
            {
                var (field, value, isMasked) = ($"field_{random.Next()}", Value(rows, random), random.Next(2) is 0);
                frame.Add(field, value, isMasked);
                expected.Values.Add(new NamedValue { Field = field, Value = ValueMap.ToProto(value), Masked = isMasked });
            }

            frame.End(created, updated);
            var written = new ArrayBufferWriter<byte>();
            frame.WriteTo(written);

            expected.Etag = Convert.ToHexStringLower(SHA256.HashData(expected.ToByteArray())[..16]);
            Assert.Equal(expected.ToByteArray(), written.WrittenSpan.ToArray());
            Assert.Equal(written.WrittenCount, frame.SizeBytes);
        }
    }

    private static FieldValue Value(RandomRows rows, Random random) =>
        random.Next(10) is 0 ? FieldValue.Text(string.Concat(Enumerable.Repeat(rows.Prose(12), 50))) : rows.Value(Types[random.Next(Types.Length)]);

    // Microseconds since 1970, of the calendar's years.
    private static long Moment(Random random) => random.NextInt64(-62_135_596_800_000_000, 253_402_300_799_999_999);

    private static Timestamp Time(long microseconds) => Timestamp.FromDateTime(DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond));
}
