using Exchange.EventStore;
using Exchange.Policy.Conditions;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Records.Events;
using Exchange.Server.Tests.Records.Subjects;
using Google.Protobuf;

namespace Exchange.Server.Tests.Records.Events;

public sealed class RecordEventWireTests
{
    private const int Numbers = 12;

    private static readonly FieldType[] Types = [.. Enum.GetValues<FieldType>().Where(type => type is not FieldType.Unspecified)];

    [Fact]
    public void An_event_s_bytes_say_the_same_as_its_message()
    {
        var random = new RandomRows(3);
        var wire = new RecordEventWire();
        for (var round = 0; round < 500; round++)
        {
            var stored = round % 5 is 4 ? Proposed(random, round) : Pushed(random, round);
            var expected = RecordEvent.Parse(stored)!;

            Assert.True(wire.TryRead(stored));

            Assert.Same(stored, wire.Stored);
            Assert.Equal(expected.IsProposal, wire.IsProposal);
            Assert.True(wire.Resource.SequenceEqual("complaint"u8));
            Assert.Equal(expected.Opener, wire.Opener);
            Assert.Equal(expected.OpenedAs, (wire.OpenedSourceSystem, wire.OpenedSourceId));
            Assert.Equal(expected.SealedFields, wire.SealedFields);
            Assert.Equal(expected.IsSealed, wire.IsSealed);
            AssertSame(expected.Changes, wire.Changes);
            AssertSame(expected.Before, wire.Before);
            AssertSame(expected.After, wire.After);
            for (var number = 1; number <= Numbers; number++)
            {
                Assert.Equal(!expected.IsProposal && (expected.Changes.Any(change => change.Number == number) || expected.SealedFields.Contains(number)), wire.Writes(number));
            }
        }
    }

    [Fact]
    public void A_stored_value_reads_as_its_message_does()
    {
        var random = new RandomRows(8);
        foreach (var type in Types)
        {
            for (var round = 0; round < 100; round++)
            {
                var message = ValueMap.ToProto(random.Value(type));

                var read = StoredValue.Read(message.ToByteArray());

                Assert.True(read == ValueMap.FromStored(message), $"{message}");
                Assert.Equal(message, ValueMap.ToProto(read));
            }
        }

        Assert.True(StoredValue.Read(new Protos.V1.Value().ToByteArray()).IsMissing);
        Assert.True(StoredValue.Read(new Protos.V1.Value { Clear = true }.ToByteArray()).IsMissing);
    }

    [Fact]
    public void Fields_that_a_newer_hub_added_are_passed_over()
    {
        var stored = Pushed(new RandomRows(1), 6);
        byte[] newer = [.. stored.Payload.Span, 0xa0, 0x01, 0x05, 0xaa, 0x01, 0x02, 0x01, 0x02, 0xb1, 0x01, 1, 2, 3, 4, 5, 6, 7, 8, 0xbd, 0x01, 1, 2, 3, 4];
        var wire = new RecordEventWire();

        Assert.True(wire.TryRead(Event(RecordEventTypes.FieldsPushed, newer)));

        AssertSame(RecordEvent.Parse(stored)!.Changes, wire.Changes);
    }

    [Fact]
    public void What_is_cut_off_is_an_error_and_no_shorter_event()
    {
        var whole = Pushed(new RandomRows(1), 6).Payload;
        var wire = new RecordEventWire();
        for (var length = 1; length < whole.Length; length++)
        {
            var cut = Event(RecordEventTypes.FieldsPushed, whole[..length].ToArray());
            if (Record.Exception(() => FieldsPushed.Parser.ParseFrom(cut.Payload.Span)) is not null)
            {
                Assert.Throws<InvalidDataException>(() => wire.TryRead(cut));
            }
        }
    }

    [Fact]
    public void An_event_that_is_not_a_record_s_is_told_apart() =>
        Assert.False(new RecordEventWire().TryRead(Event("thing-happened", [1, 2, 3])));

    private static void AssertSame(IEnumerable<FieldVersion> expected, WireValues values)
    {
        // Asked for in another order than they were written in, too.
        foreach (var ask in new[] { expected, expected.Reverse() })
        {
            foreach (var (number, value) in ask)
            {
                Assert.True(values.TryFind(number, out var inside));
                Assert.True(StoredValue.Read(inside) == value);
            }
        }

        for (var number = 1; number <= Numbers; number++)
        {
            Assert.Equal(expected.Any(change => change.Number == number), values.Has(number));
        }
    }

    private static StoredEvent Pushed(RandomRows random, int round)
    {
        var pushed = new FieldsPushed
        {
            Resource = "complaint",
            Opener = "centre",
            OpenedSourceSystem = round % 2 is 0 ? "forum" : "",
            OpenedSourceId = round % 2 is 0 ? new string('号', round) : "",
            SourceSystem = "forum",
            SourceVersion = (long)round << 40,
            Changes = { Changes(random, round) },
            Sealed = ByteString.CopyFrom(new byte[round % 3]),
            SealedFields = { Enumerable.Range(1, round % 3).Select(number => number * 3) },
            Before = { Changes(random, round + 1) },
            After = { Changes(random, round + 2) },
            Warnings = { Enumerable.Repeat("odd", round % 2) },
            Purpose = round % 5,
        };
        return Event(RecordEventTypes.FieldsPushed, pushed.ToByteArray());
    }

    private static StoredEvent Proposed(RandomRows random, int round)
    {
        var proposed = new FieldsProposed
        {
            Resource = "complaint",
            Opener = "centre",
            SourceSystem = "forum",
            Changes = { Changes(random, round) },
            Sealed = ByteString.CopyFrom(new byte[round % 3]),
            SealedFields = { Enumerable.Range(1, round % 3).Select(number => number * 3) },
            After = { Changes(random, round + 2) },
            Purpose = round % 5,
        };
        return Event(RecordEventTypes.FieldsProposed, proposed.ToByteArray());
    }

    private static IEnumerable<FieldChange> Changes(RandomRows random, int round) => Enumerable.Range(1, round % Numbers).Select(number => new FieldChange
    {
        Number = number, Value = number % 5 is 4 ? new Protos.V1.Value() : ValueMap.ToProto(random.Value(Types[(round + number) % Types.Length])),
    });

    private static StoredEvent Event(string type, byte[] payload) => new()
    {
        Partition = 8,
        Position = 1,
        StreamId = Guid.NewGuid(),
        Version = 2,
        Type = type,
        Payload = payload,
        Caller = "centre",
        Client = "centre-desk",
        GovernancePosition = 1,
        RecordedAt = DateTimeOffset.UnixEpoch,
    };
}
