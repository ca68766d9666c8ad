using System.Buffers;
using Exchange.Clients.Records;
using Exchange.Protos.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Value = Exchange.Protos.V1.Value;

namespace Exchange.Clients.Tests.Records;

public sealed class PushMessageTests
{
    [Fact]
    public void A_header_is_written_as_generated_code_writes_it()
    {
        var header = new PushHeader { Resource = "resources/complaint", SourceSystem = "hotline", PushId = "p1", Fields = { "title", "calls" } };

        Assert.Equal(new PushRequest { Header = header }.ToByteArray(), Written(PushMessage.Of(header)));
    }

    [Fact]
    public void Whatever_the_records_a_batch_is_written_as_generated_code_writes_it_also_with_memory_used_before()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var buffer = new PushBuffer();
        for (var i = 0; i < 300; i++)
        {
            var batch = new PushedBatch { Sequence = random.NextInt64(1, 1L << random.Next(1, 63)) };
            buffer.Clear();
            for (var left = random.Next(i % 10 is 0 ? 600 : 20); left > 0; left--)
            {
                var record = Record(random);
                batch.Records.Add(record);
                buffer.Add(record, record.CalculateSize());
            }

            Assert.True(
                new PushRequest { Batch = batch }.ToByteArray().AsSpan().SequenceEqual(Written(PushMessage.Of(batch.Sequence, buffer))), $"seed {seed}, batch {i}");
        }
    }

    private static PushedRecord Record(Random random)
    {
        var record = random.Next(4) switch
        {
            0 => new PushedRecord { RecordId = "9f1c2f64-0d4c-5a52-9f5e-1c2b3a4d5e6f" },
            1 => new PushedRecord { OpenedAs = new SourceReference { SourceSystem = "forum", SourceId = Text(random) } },
            2 => new PushedRecord { SourceId = Text(random), SourceVersion = random.NextInt64() },
            _ => new PushedRecord { Warnings = { "CLOSED_BEFORE_OPENED" } },
        };
        for (var left = random.Next(12); left > 0; left--)
        {
            record.Values.Add(random.Next(6) switch
            {
                0 => new Value { Text = Text(random) },
                1 => new Value { Integer = random.NextInt64(long.MinValue, long.MaxValue) },
                2 => new Value { Timestamp = new Timestamp { Seconds = random.Next(), Nanos = random.Next(1_000_000_000) } },
                3 => new Value { TextList = new TextList { Values = { Text(random), "" } } },
                4 => new Value { Point = new Point { Latitude = random.NextDouble(), Longitude = -71 } },
                _ => new Value { Clear = true },
            });
        }

        return record;
    }

    // Up to a few thousand bytes, so that lengths take one, two and three bytes.
    private static string Text(Random random) => new(random.Next(2) is 0 ? 'a' : '漏', random.Next(20) is 0 ? random.Next(9_000) : random.Next(60));

    private static byte[] Written(PushMessage message)
    {
        var context = new Context();
        PushMessage.Push.RequestMarshaller.ContextualSerializer(message, context);
        Assert.True(context.IsComplete);
        Assert.Equal(context.Announced, context.Writer.WrittenCount);
        return context.Writer.WrittenSpan.ToArray();
    }

    private sealed class Context : SerializationContext
    {
        public ArrayBufferWriter<byte> Writer { get; } = new();

        public int Announced { get; private set; }

        public bool IsComplete { get; private set; }

        public override void SetPayloadLength(int payloadLength) => Announced = payloadLength;

        public override IBufferWriter<byte> GetBufferWriter() => Writer;

        public override void Complete() => IsComplete = true;
    }
}
