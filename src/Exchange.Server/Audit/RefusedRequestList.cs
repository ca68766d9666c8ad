using System.Globalization;
using System.Net;
using Exchange.Catalog;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Audit;

/// <summary>Lists the counts of refused requests, page by page. A token names the last count of its page.</summary>
internal sealed class RefusedRequestList(RefusedRequestTable table)
{
    /// <summary>One page.</summary>
    public async Task<Proto.ListRefusedRequestsResponse> ReadAsync(Proto.ListRefusedRequestsRequest request, CancellationToken cancellationToken)
    {
        var (size, after) = Paging.Read(request.PageSize, request.PageToken).OrThrow();
        var from = TimeBounds.Read("start_time", request.StartTime, TimeBounds.Earliest).OrThrow();
        var to = TimeBounds.Read("end_time", request.EndTime, TimeBounds.Latest).OrThrow();
        var address = Address(request.Address).OrThrow();
        var before = after is null ? default((DateTimeOffset, string, string)?) : Key(after).OrThrow();
        var read = await table.ReadAsync(from, to, address, before, size + 1, cancellationToken);
        return new Proto.ListRefusedRequestsResponse
        {
            RefusedRequests = { read.Take(size).Select(ToProto) },
            NextPageToken = read.Count > size ? Paging.TokenAfter(Text(read[size - 1])) : "",
        };
    }

    private static Result<string> Address(string text)
    {
        if (text is RefusedRequests.Others or RefusedRequests.Unknown)
        {
            return text;
        }

        var parsed = CallerAddress.Parse("address", text);
        return parsed.TryGetValue(out var address, out _) && address.Length > 0 ? RefusedRequests.Name(IPAddress.Parse(address)) : parsed;
    }

    private static string Text(RefusedRequest last) => string.Create(CultureInfo.InvariantCulture, $"{last.Minute.ToUnixTimeSeconds()}/{last.Address}/{last.Reason}");

    private static Result<(DateTimeOffset Minute, string Address, string Reason)> Key(string text) =>
        text.Split('/') is [var seconds, var address, var reason] && !text.Contains('\0', StringComparison.Ordinal)
            && long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var time) && time <= TimeBounds.Latest.ToUnixTimeSeconds()
            ? (DateTimeOffset.FromUnixTimeSeconds(time), address, reason)
            : Paging.ForeignToken;

    private static Proto.RefusedRequest ToProto(RefusedRequest refused) => new()
    {
        StartTime = Timestamp.FromDateTimeOffset(refused.Minute), Address = refused.Address, Reason = refused.Reason, Count = refused.Count,
    };
}
