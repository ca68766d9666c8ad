using System.Collections.ObjectModel;
using Exchange.Catalog;
using Exchange.Policy.Conditions;
using Exchange.Server.Feed;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Pull.Paging;
using Google.Protobuf;

namespace Exchange.Server.Records.Pull;

/// <summary>
/// Page tokens: the place of the last row sent, with the positions of the checkpoint that the pull began with, so that a resumed pull leaves no hole
/// either, and with what the plan showed. Sealed for one client, one query and one generation of the store; nobody else reads the values in it.
/// </summary>
internal sealed class PullPageTokens(TokenSeal seal)
{
    private static readonly Refusal Invalid = Refusal.Invalid(
        "page_token", "PAGE_TOKEN_INVALID", "the page token is not one that this hub gave to this client for the same request: begin again");

    /// <summary>The rows so far were shown by another plan than the rest would be: together they would be neither's.</summary>
    public static Refusal PlanChanged { get; } = new(
        new("PLAN_CHANGED", RefusalKind.Aborted), "what may be shown changed since the pull began: begin again without a page token");

    /// <summary>The token that goes on after a row.</summary>
    public string Write(ClientId client, Guid generation, byte[] fingerprint, byte[] digest, IReadOnlyDictionary<int, long> positions, in PullPosition last)
    {
        var stream = new MemoryStream(512);
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            CheckpointCodec.Write(output, generation, fingerprint, positions);
            output.WriteBytes(ByteString.CopyFrom(digest));
            output.WriteInt32(last.Partition);
            output.WriteInt64(last.Opened);
            output.WriteBytes(ByteString.CopyFrom(last.RecordId.ToByteArray(bigEndian: true)));
            output.WriteBytes(ValueMap.ToProto(last.OrderValue).ToByteString());
        }

        return seal.Seal(TokenSeal.Use.PullPage, client, stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    /// <summary>Where a token goes on. Refused with PLAN_CHANGED when the plan now shows something else than the pull began with.</summary>
    public Result<(ReadOnlyDictionary<int, long> Positions, PullPosition Last)> Read(ClientId client, Guid generation, byte[] fingerprint, byte[] digest, string text)
    {
        if (seal.Open(TokenSeal.Use.PullPage, client, text) is not { } body)
        {
            return Invalid;
        }

        using var input = new CodedInputStream(body);
        var positions = CheckpointCodec.Read(input, generation, fingerprint);
        if (positions.IsRefused)
        {
            return positions.Refusal.Reason == FeedReasons.CheckpointGeneration.Reason ? positions.Refusal : Invalid;
        }

        if (!input.ReadBytes().Span.SequenceEqual(digest))
        {
            return PlanChanged;
        }

        var partition = input.ReadInt32();
        var opened = input.ReadInt64();
        var recordId = new Guid(input.ReadBytes().Span, bigEndian: true);
        FieldValue value = ValueMap.FromStored(Protos.V1.Value.Parser.ParseFrom(input.ReadBytes()));
        return (positions.Value, new PullPosition(partition, opened, recordId, value));
    }
}
