using System.Buffers;
using Exchange.Catalog.Records;
using Exchange.Server.Records.Deciding;
using Exchange.Server.Records.Push;
using Google.Protobuf;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Tests.Records.Push;

public sealed class PushedReceiptTests
{
    private static readonly FieldError[] Errors =
    [
        new("", FieldError.RecordNotFound, "there is no such record"), new("title", FieldError.TooLong, new string('长', 60)), new("words", FieldError.WrongType, ""),
    ];

    [Fact]
    public void A_receipt_is_what_generated_code_writes()
    {
        var random = new Random(20_261_122);
        for (var round = 0; round < 300; round++)
        {
            var sequence = random.Next(3) is 0 ? 0 : random.NextInt64(1L << random.Next(1, 62));
            var ids = Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(5) is 0 ? Guid.Empty : Guid.NewGuid()).ToArray();
            var answers = ids.Select(_ => Answer(random)).ToArray();
            var expected = new Proto.PushReceipt { Sequence = sequence, Results = { ids.Zip(answers, Result) } };

            var receipt = new PushedReceipt(sequence, ids, answers);

            Assert.Equal(expected.ToByteArray(), receipt.Bytes.ToArray());
            Assert.Equal(answers, receipt.Answers.ToArray());
            Assert.Equal(new Proto.PushResponse { Receipt = expected }.ToByteArray(), Response(receipt));
        }
    }

    [Fact]
    public void A_units_outcome_is_read_to_the_places_of_its_records()
    {
        var random = new Random(20_261_123);
        for (var round = 0; round < 300; round++)
        {
            var places = Enumerable.Range(0, 50).Where(_ => random.Next(3) is 0).ToArray();
            var expected = new RecordAnswer[50];
            var outcome = new UnitOutcome();
            foreach (var place in places)
            {
                expected[place] = Answer(random);
                outcome.Add(expected[place].Outcome, expected[place].Version, expected[place].Errors);
            }

            var answers = new RecordAnswer[50];
            UnitOutcome.Read(outcome.ToBytes(), places, answers);

            Assert.All(expected.Zip(answers), pair =>
            {
                Assert.Equal((pair.First.Outcome, pair.First.Version), (pair.Second.Outcome, pair.Second.Version));
                Assert.Equal(pair.First.Errors.IsDefault ? [] : pair.First.Errors, pair.Second.Errors.IsDefault ? [] : pair.Second.Errors);
            });
        }
    }

    [Fact]
    public void A_units_outcome_that_is_cut_off_is_not_read()
    {
        var outcome = new UnitOutcome();
        outcome.Add(RecordOutcome.Rejected, 0, [.. Errors]);
        outcome.Add(RecordOutcome.Accepted, 200, []);
        var bytes = outcome.ToBytes();

        Assert.All(
            Enumerable.Range(0, bytes.Length),
            length => Assert.Throws<InvalidDataException>(() => UnitOutcome.Read(bytes.AsSpan(0, length), [0, 1], new RecordAnswer[2])));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_units_outcome_of_another_number_of_records_is_not_read(int records)
    {
        var outcome = new UnitOutcome();
        outcome.Add(RecordOutcome.Accepted, 1, []);
        outcome.Add(RecordOutcome.Accepted, 2, []);

        Assert.Throws<InvalidDataException>(() => UnitOutcome.Read(outcome.ToBytes(), [.. Enumerable.Range(0, records)], new RecordAnswer[3]));
    }

    private static RecordAnswer Answer(Random random) => new(
        (RecordOutcome)random.Next(1, 5), random.Next(2) is 0 ? 0 : random.NextInt64(1L << random.Next(1, 62)), [.. Errors.Where(_ => random.Next(4) is 0)]);

    private static Proto.RecordResult Result(Guid id, RecordAnswer answer) => new()
    {
        Outcome = (Proto.RecordOutcome)answer.Outcome,
        RecordId = id == Guid.Empty ? "" : id.ToString("D"),
        Version = answer.Version,
        Errors = { answer.Errors.Select(error => new Proto.FieldError { Field = error.Field, Reason = error.Reason, Message = error.Message }) },
    };

    private static byte[] Response(PushedReceipt receipt)
    {
        var context = new WrittenContext();
        PushedReceipt.Marshaller.ContextualSerializer(receipt, context);
        return context.Written;
    }

    private sealed class WrittenContext : SerializationContext
    {
        private readonly ArrayBufferWriter<byte> writer = new();
        private int expected = -1;

        public byte[] Written => writer.WrittenCount == expected ? writer.WrittenSpan.ToArray() : throw new InvalidOperationException($"{expected} bytes were told, {writer.WrittenCount} written");

        public override IBufferWriter<byte> GetBufferWriter() => writer;

        public override void SetPayloadLength(int payloadLength) => expected = payloadLength;

        public override void Complete()
        {
        }
    }
}
