using Exchange.Protos.V1;
using Grpc.Core;

namespace Exchange.Server.Tests.Records.Pull;

/// <summary>All that one pull sent.</summary>
internal sealed class Pulled
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    public PullStart Start { get; private set; } = new();

    public List<RecordBatch> Batches { get; } = [];

    public PullEnd? End { get; private set; }

    public IEnumerable<RecordRow> Rows => Batches.SelectMany(batch => batch.Rows);

    /// <summary>Reads a pull to its end.</summary>
    public static async Task<Pulled> AllOf(AsyncServerStreamingCall<PullResponse> call)
    {
        using (call)
        {
            using var patience = new CancellationTokenSource(Deadline);
            var pulled = new Pulled();
            await foreach (var response in call.ResponseStream.ReadAllAsync(patience.Token))
            {
                switch (response.MessageCase)
                {
                    case PullResponse.MessageOneofCase.Start:
                        pulled.Start = response.Start;
                        break;
                    case PullResponse.MessageOneofCase.Batch:
                        pulled.Batches.Add(response.Batch);
                        break;
                    default:
                        pulled.End = response.End;
                        break;
                }
            }

            return pulled;
        }
    }

    /// <summary>The values of a column in the order of the rows, as JSON; empty for none.</summary>
    public List<string> Column(string field)
    {
        var place = Start.Columns.Select(column => column.Field).ToList().IndexOf(field);
        return [.. Rows.Select(row => row.Values[place]).Select(value => value.KindCase is Value.KindOneofCase.None ? "" : value.ToString())];
    }

    /// <summary>The ids of the rows.</summary>
    public List<Guid> Ids => [.. Rows.Select(row => new Guid(row.RecordId.Span, bigEndian: true))];
}
