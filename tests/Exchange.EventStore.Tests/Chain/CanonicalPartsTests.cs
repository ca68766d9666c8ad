using System.Buffers.Binary;
using System.Text;
using Exchange.EventStore.Chain;

namespace Exchange.EventStore.Tests.Chain;

public sealed class CanonicalPartsTests
{
    private static readonly string[] Texts = ["", "a", "fields-pushed", "卫生局", "departments/🏥", new string('x', 300)];

    [Fact]
    public void Canonical_bytes_hold_the_columns_of_an_event_each_behind_its_length()
    {
        var random = new Random(20_261_122);
        for (var round = 0; round < 300; round++)
        {
            var (type, caller, client) = (Texts[random.Next(Texts.Length)], Texts[random.Next(Texts.Length)], Texts[random.Next(Texts.Length)]);
            var payload = new byte[random.Next(3) is 0 ? 0 : random.Next(2_000)];
            random.NextBytes(payload);
            var hashed = new HashedEvent
            {
                Previous = EventHash.Genesis(Guid.NewGuid(), 1),
                Partition = random.Next(),
                Position = random.NextInt64(),
                StreamId = Guid.NewGuid(),
                Version = random.NextInt64(),
                RecordedAtMicros = random.NextInt64(),
                GovernancePosition = random.NextInt64(),
            };
            var room = new byte[EventHash.MostBytes(type, caller, client, payload.Length)];
            var length = EventHash.Write(room, hashed, type, caller, client, payload);

            var parts = EventHash.Parts(room.AsSpan(0, length), payload.Length);

            Assert.Equal(Column(Encoding.UTF8.GetBytes(type)), parts.Type.ToArray());
            Assert.Equal([.. Column(Encoding.UTF8.GetBytes(caller)), .. Column(Encoding.UTF8.GetBytes(client))], parts.CallerAndClient.ToArray());
            Assert.Equal(Column(payload), parts.Payload.ToArray());
        }
    }

    private static byte[] Column(byte[] value)
    {
        var column = new byte[4 + value.Length];
        BinaryPrimitives.WriteInt32BigEndian(column, value.Length);
        value.CopyTo(column, 4);
        return column;
    }
}
