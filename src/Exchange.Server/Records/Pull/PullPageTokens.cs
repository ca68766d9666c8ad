using System.Collections.ObjectModel;
using Exchange.Catalog;
using Exchange.Policy.Conditions;
using Exchange.Server.Feed;
using Exchange.Server.Records.Events;
using Google.Protobuf;

namespace Exchange.Server.Records.Pull;

/// <summary>
/// Page tokens: the place of the last row sent, with the positions of the checkpoint that the pull began with, so that a resumed pull leaves no hole
/// either. Sealed for one client, one query and one generation of the store.
/// </summary>
internal sealed class PullPageTokens(TokenSeal seal)
{
    private static readonly Refusal Invalid = Refusal.Invalid(
        "page_token", "PAGE_TOKEN_INVALID", "the page token is not one that this hub gave to this client for the same request: begin again");

    /// <summary>The token that goes on after a row.</summary>
    public string Write(ClientId client, Guid generation, byte[] fingerprint, IReadOnlyDictionary<int, long> positions, in PullPosition last)
    {
        var stream = new MemoryStream(512);
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            CheckpointCodec.Write(output, generation, fingerprint, positions);
            output.WriteInt32(last.Partition);
            output.WriteBytes(ByteString.CopyFrom(last.RecordId.ToByteArray(bigEndian: true)));
            output.WriteBytes(ValueMap.ToProto(last.OrderValue).ToByteString());
        }

        return seal.Seal(TokenSeal.Use.PullPage, client, stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    /// <summary>Where a token goes on.</summary>
    public Result<(ReadOnlyDictionary<int, long> Positions, PullPosition Last)> Read(ClientId client, Guid generation, byte[] fingerprint, string text)
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

        var partition = input.ReadInt32();
        var recordId = new Guid(input.ReadBytes().Span, bigEndian: true);
        FieldValue value = ValueMap.FromStored(Protos.V1.Value.Parser.ParseFrom(input.ReadBytes()));
        return (positions.Value, new PullPosition(partition, recordId, value));
    }
}
