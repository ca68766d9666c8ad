using System.Buffers;
using Exchange.Server.Grpc.Wire;
using Exchange.Server.Records.Deciding;
using Exchange.Server.Records.Events;
using Grpc.Core;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Push;

/// <summary>
/// A `PushReceipt` in its wire form, byte for byte as the generated code would write it. Pushes are answered with it instead of the generated message:
/// no message object per record.
/// </summary>
internal sealed class PushedReceipt
{
    private const int IdLetters = 36;

    // Of a record without errors: tag and length, outcome, id, version.
    private const int UsualBytes = 2 + 2 + 2 + IdLetters + 2;

    private readonly RecordAnswer[] answers;
    private readonly WireBuffer body;

    /// <summary>Makes a batch's receipt.</summary>
    /// <param name="sequence">The batch's number.</param>
    /// <param name="recordIds">Its records' ids, in order; empty where there is none to tell.</param>
    /// <param name="answers">What became of them, in order. Taken over.</param>
    public PushedReceipt(long sequence, ReadOnlySpan<Guid> recordIds, RecordAnswer[] answers)
    {
        this.answers = answers;
        body = new WireBuffer(16 + (answers.Length * UsualBytes));
        if (sequence is not 0)
        {
            body.Tag(Proto.PushReceipt.SequenceFieldNumber, WireBuffer.Varint);
            body.Unsigned((ulong)sequence);
        }

        for (var index = 0; index < answers.Length; index++)
        {
            Write(recordIds[index], answers[index]);
        }
    }

    /// <summary>How a receipt is written as the answer to a unary push. The hub never reads one.</summary>
    public static Marshaller<PushedReceipt> CallMarshaller { get; } =
        ServerMarshaller.OfResponse<PushedReceipt>(static receipt => receipt.body.Length, static (receipt, writer) => writer.Write(receipt.Bytes));

    /// <summary>How it is written as a `PushResponse`.</summary>
    public static Marshaller<PushedReceipt> Marshaller { get; } = ServerMarshaller.OfResponse<PushedReceipt>(
        static receipt => 1 + WireBuffer.SizeOf((ulong)receipt.body.Length) + receipt.body.Length, static (receipt, writer) => receipt.WriteResponseTo(writer));

    /// <summary>True when the batch had been stored before, and nothing was done now.</summary>
    public bool IsReplay { get; init; }

    /// <summary>What became of the records, in order.</summary>
    public ReadOnlySpan<RecordAnswer> Answers => answers;

    /// <summary>The message.</summary>
    public ReadOnlySpan<byte> Bytes => body.Written;

    private void WriteResponseTo(IBufferWriter<byte> writer)
    {
        var head = new WireBuffer(16);
        head.Tag(Proto.PushResponse.ReceiptFieldNumber, WireBuffer.Delimited);
        head.Unsigned((ulong)body.Length);
        writer.Write(head.Written);
        writer.Write(Bytes);
    }

    private void Write(Guid id, in RecordAnswer answer)
    {
        var start = body.BeginMessage(Proto.PushReceipt.ResultsFieldNumber);
        if (answer.Outcome is not 0)
        {
            body.Tag(Proto.RecordResult.OutcomeFieldNumber, WireBuffer.Varint);
            body.Unsigned((ulong)answer.Outcome);
        }

        if (id != Guid.Empty)
        {
            body.Tag(Proto.RecordResult.RecordIdFieldNumber, WireBuffer.Delimited);
            body.Unsigned(IdLetters);
            id.TryFormat(body.GetSpan(IdLetters), out var written, "D");
            body.Advance(written);
        }

        if (answer.Version is not 0)
        {
            body.Tag(Proto.RecordResult.VersionFieldNumber, WireBuffer.Varint);
            body.Unsigned((ulong)answer.Version);
        }

        foreach (var error in answer.Errors)
        {
            var inner = body.BeginMessage(Proto.RecordResult.ErrorsFieldNumber);
            body.TextField(Proto.FieldError.FieldFieldNumber, error.Field);
            body.TextField(Proto.FieldError.ReasonFieldNumber, error.Reason);
            body.TextField(Proto.FieldError.MessageFieldNumber, error.Message);
            body.EndMessage(inner);
        }

        body.EndMessage(start);
    }
}
