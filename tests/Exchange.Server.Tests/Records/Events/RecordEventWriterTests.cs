using Exchange.Policy.Conditions;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Records.Events;
using Exchange.Server.Tests.Records.Subjects;
using Google.Protobuf;

namespace Exchange.Server.Tests.Records.Events;

public sealed class RecordEventWriterTests
{
    private static readonly FieldType[] Types =
        [.. Enum.GetValues<FieldType>().Where(type => type is not FieldType.Unspecified)];

    [Fact]
    public void A_pushed_event_has_the_bytes_of_the_generated_code()
    {
        var random = new RandomRows(11);
        for (var round = 0; round < 500; round++)
        {
            var expected = new FieldsPushed
            {
                Resource = "complaint",
                Opener = "centre",
                OpenedSourceSystem = round % 2 is 0 ? "forum" : "",
                OpenedSourceId = round % 2 is 0 ? new string('号', round) : "",
                SourceSystem = "forum",
                SourceVersion = round % 3 is 0 ? 0 : (long)round << 40,
            };
            var buffer = new WireBuffer(1);
            RecordEventWriter.WritePushed(
                buffer, expected.Resource, expected.Opener, expected.OpenedSourceSystem, expected.OpenedSourceId, expected.SourceSystem, expected.SourceVersion);
            Fill(random, round, buffer, FieldsPushed.ChangesFieldNumber, expected.Changes);
            expected.Sealed = ByteString.CopyFrom(new byte[round]);
            expected.SealedFields.Add(Enumerable.Range(1, round % 4).Select(number => number * 1000));
            RecordEventWriter.WriteSealed(
                buffer, FieldsPushed.SealedFieldNumber, expected.Sealed.Span, FieldsPushed.SealedFieldsFieldNumber, [.. expected.SealedFields]);
            Fill(random, round, buffer, FieldsPushed.BeforeFieldNumber, expected.Before);
            Fill(random, round, buffer, FieldsPushed.AfterFieldNumber, expected.After);
            expected.Purpose = round % 5;
            RecordEventWriter.WriteNumber(buffer, FieldsPushed.PurposeFieldNumber, expected.Purpose);

            Assert.Equal(expected.ToByteArray(), buffer.Written.ToArray());
        }
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(1L)]
    [InlineData(999_999L)]
    [InlineData(-62_135_596_800_000_000L)]
    [InlineData(253_402_300_799_999_999L)]
    public void A_timestamp_survives_the_wire(long microseconds)
    {
        var buffer = new WireBuffer();
        ValueWire.Write(buffer, FieldValue.Timestamp(microseconds));

        var read = Exchange.Protos.V1.Value.Parser.ParseFrom(buffer.Written);

        Assert.Equal(microseconds, ValueMap.ToPushed(read).Value.AsTimestamp);
    }

    [Fact]
    public void Every_value_is_the_same_after_writing_and_reading()
    {
        var random = new RandomRows(5);
        foreach (var type in Types)
        {
            for (var round = 0; round < 100; round++)
            {
                var value = random.Value(type);
                var buffer = new WireBuffer();
                ValueWire.Write(buffer, value);
                var message = Exchange.Protos.V1.Value.Parser.ParseFrom(buffer.Written);

                Assert.Equal(ValueMap.ToProto(value), message);
                Assert.True(ValueMap.FromStored(message) == value);
                Assert.True(ValueMap.ToPushed(message).Value == value, $"{type}");
            }
        }
    }

    [Fact]
    public void A_message_keeps_its_bytes_however_little_room_is_left_when_it_ends()
    {
        for (var length = 0; length < 300; length++)
        {
            for (var room = 0; room < 12; room++)
            {
                var inside = Enumerable.Range(0, length).Select(value => (byte)value).ToArray();
                var buffer = new WireBuffer(length + room + 1);
                var start = buffer.BeginLength();
                buffer.Raw(inside);
                buffer.EndMessage(start);

                var reader = new WireReader(buffer.Written);
                Assert.True(reader.Delimited().SequenceEqual(inside));
                Assert.True(reader.AtEnd);
            }
        }
    }

    private static void Fill(RandomRows random, int round, WireBuffer buffer, int list, Google.Protobuf.Collections.RepeatedField<FieldChange> expected)
    {
        for (var index = 0; index < round % 7; index++)
        {
            var value = index is 3 ? default : random.Value(Types[(round + index) % Types.Length]);
            var number = 1 + (index * 700);
            RecordEventWriter.WriteChange(buffer, list, number, value);
            expected.Add(new FieldChange { Number = number, Value = ValueMap.ToProto(value) });
        }
    }
}
