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
    // PostgreSQL's times end later, protobuf's begin earlier.
    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset Latest = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>One page.</summary>
    public async Task<Proto.ListRefusedRequestsResponse> ReadAsync(Proto.ListRefusedRequestsRequest request, CancellationToken cancellationToken)
    {
        var (size, after) = Paging.Read(request.PageSize, request.PageToken).OrThrow();
        var (from, to) = (Time("start_time", request.StartTime, Earliest).OrThrow(), Time("end_time", request.EndTime, Latest).OrThrow());
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

    private static Result<DateTimeOffset> Time(string field, Timestamp? time, DateTimeOffset unset)
    {
        if (time is null)
        {
            return unset;
        }

        // Timestamp's own conversion throws beyond what it may hold.
        return time.Nanos is >= 0 and < 1_000_000_000 && time.Seconds >= Earliest.ToUnixTimeSeconds() && time.Seconds <= Latest.ToUnixTimeSeconds()
            ? time.ToDateTimeOffset()
            : Refusal.Invalid(field, "OUT_OF_RANGE", "must be a time from 1970 to 9999");
    }

    private static string Text(RefusedRequest last) => string.Create(CultureInfo.InvariantCulture, $"{last.Minute.ToUnixTimeSeconds()}/{last.Address}/{last.Reason}");

    private static Result<(DateTimeOffset Minute, string Address, string Reason)> Key(string text) =>
        text.Split('/') is [var seconds, var address, var reason] && !text.Contains('\0', StringComparison.Ordinal)
            && long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var time) && time <= Latest.ToUnixTimeSeconds()
            ? (DateTimeOffset.FromUnixTimeSeconds(time), address, reason)
            : Paging.ForeignToken;

    private static Proto.RefusedRequest ToProto(RefusedRequest refused) => new()
    {
        StartTime = Timestamp.FromDateTimeOffset(refused.Minute), Address = refused.Address, Reason = refused.Reason, Count = refused.Count,
    };
}
